-- The desk of an academy: why a request may be refused and what can be done about it, what agents see of a request, who is told of it,
-- and which requests a publication may answer.

create table way_of_appeal (
  code text primary key,
  kinds text[] not null,                      -- of requests: each has one way
  text_fr text not null,
  text_en text not null,
  source text not null
);

create table refusal_template (
  code text primary key,
  kinds text[] not null,                      -- of requests that it can refuse
  label_fr text not null,
  label_en text not null,
  text_fr text not null,                      -- what the applicant reads
  text_en text not null,
  needs_grounds boolean not null,             -- the text alone does not say what in this request is wrong
  source text not null
);

alter table document_request
  -- until when the delay rests at the latest: the time that the applicant was given (CRPA, L114-5)
  add column answer_by date;

alter table document_request_event
  drop constraint document_request_event_kind_check,
  add constraint document_request_event_kind_check
    check (kind in ('STATE', 'MESSAGE', 'PIECE', 'ASSIGNMENT', 'NOT_LINKED'));

-- `document_request_desk` has those that are open
create index document_request_closed on document_request (academy_code, id) where state in ('REFUSED', 'WITHDRAWN', 'DELIVERED');
-- what a desk counts is in the index: no row is read
create index document_request_count on document_request (academy_code, state, kind)
  include (due_on, waiting_since, assigned_to) where state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'ACCEPTED');
create index document_request_unanswered on document_request (answer_by) where state = 'INFORMATION_REQUESTED';

-- The days left of the legal delay on the day of an exam service: negative once it is over. The delay rests while the applicant owes an
-- answer, so that the day counts on which it began to rest.
create function days_left(due_on date, waiting_since timestamptz) returns integer stable
  return due_on - day_in_france(coalesce(waiting_since, now()));

-- A request as agents read it.
create view shown_desk_request as
select s.*, case s.state when 'INFORMATION_REQUESTED' then q.answer_by end as waiting_until, w.name as assigned_name,
  d.name as decided_name,
  case when s.state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED') then days_left(s.due_on, s.waiting_since) end as days_left,
  s.state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED') and days_left(s.due_on, s.waiting_since) < 0 as overdue
from shown_document_request s join document_request q on q.id = s.id
left join agent w on w.id = s.assigned_to left join agent d on d.id = s.decided_by;

-- Whatever happens to a request is an event of it: both sides are told at the commit, and read again what they may see.
create function tell_of_request() returns trigger language plpgsql as $$
declare
  asked record;
begin
  select academy_code, account_id into strict asked from document_request where id = new.request_id;
  perform pg_notify('parchemin_desk', asked.academy_code || ' ' || new.request_id);
  perform pg_notify('parchemin_account', asked.account_id || ' DOCUMENT_REQUEST_CHANGED');
  return null;
end $$;
create trigger tell after insert on document_request_event for each row execute function tell_of_request();

-- A publication that may answer requests for missing diplomas, until the last of them has been tried.
create table request_search (
  publication_id uuid primary key references publication,
  family text not null,
  year smallint not null,
  academy_code text not null references academy,
  tried_up_to uuid not null default '00000000-0000-0000-0000-000000000000',   -- the last request that was tried
  asked_at timestamptz not null default now()
);
