-- name: page
-- An account's requests to the academies, the latest first, before an id, as many as asked.
select q.* from shown_document_request q
where q.account_id = (:account)::uuid and q.id < (:before)::uuid order by q.id desc limit (:count)::int;

-- name: one
-- A request of an account.
select q.* from shown_document_request q where q.account_id = (:account)::uuid and q.id = (:request)::uuid;

-- name: messages
-- The latest fifty messages of an account's requests, as their applicant reads them: an agent is the exam service.
select q.id as request_id, m.id, uuid_extract_timestamp(m.id) as written_at, m.body, null::text as agent,
  case when m.agent_id is null then 'APPLICANT' else 'SERVICE' end as author
from document_request q cross join lateral (
  select m.* from document_request_message m where m.request_id = q.id order by m.id desc limit 50) m
where q.id = any((:requests)::uuid[]) and q.account_id = (:account)::uuid
order by q.id, m.id;

-- name: pieces
-- The files of an account's requests, as their applicant sees them: what is delivered is there once the request is.
select q.id as request_id, p.id, p.kind, p.file_name, p.media_type, p.size, p.uploaded_at, p.destroyed_at,
  case when p.agent_id is null then 'APPLICANT' else 'SERVICE' end as sender
from document_request q cross join lateral (
  select p.* from document_request_piece p where p.request_id = q.id and (p.kind <> 'DELIVERED' or q.state = 'DELIVERED')
  order by p.id limit 50) p
where q.id = any((:requests)::uuid[]) and q.account_id = (:account)::uuid
order by q.id, p.id;

-- name: deliveries
-- What was delivered to an account's requests, once it is.
select q.id as request_id, p.id, p.kind, p.file_name, p.media_type, p.size, p.uploaded_at, p.destroyed_at, 'SERVICE' as sender
from document_request q cross join lateral (
  select p.* from document_request_piece p where p.request_id = q.id and p.kind = 'DELIVERED' order by p.id limit 50) p
where q.id = any((:requests)::uuid[]) and q.account_id = (:account)::uuid and q.state = 'DELIVERED'
order by q.id, p.id;

-- name: events
-- The latest fifty entries of the history of an account's requests, as their applicant reads them: an agent is the exam service, and what
-- only agents are told is left out.
select q.id as request_id, e.id, uuid_extract_timestamp(e.id) as at, e.kind, e.state, e.facts ->> 'piece' as piece, null::text as agent,
  case when e.agent_id is not null then 'SERVICE' when e.account_id is not null then 'APPLICANT' else 'REGISTER' end as actor
from document_request q cross join lateral (
  select e.* from document_request_event e where e.request_id = q.id and e.kind in ('STATE', 'MESSAGE', 'PIECE', 'ASSIGNMENT')
  order by e.id desc limit 50) e
where q.id = any((:requests)::uuid[]) and q.account_id = (:account)::uuid
order by q.id, e.id;

-- name: recent
-- How many requests of an account came in the last day.
select count(*) from document_request where account_id = :account and submitted_at > now() - interval '1 day';

-- name: submit
-- A new request, with the legal delay of its receipt; no row when its reference is taken, or the same request is open.
with made as (
  insert into document_request (reference, account_id, kind, family, year, obtained_in, country_code, academy_code, asked, person,
    represented, due_on, silence, missing_pieces)
  values (:reference, :account, :kind, :family, :year, :obtained_in, :country, :desk, :asked, :person, :represented,
    legal_due(now(), :months), :silence, :pieces)
  on conflict do nothing returning id, account_id
), noted as (
  insert into document_request_event (request_id, kind, state, account_id) select id, 'STATE', 'SUBMITTED', account_id from made
)
select id from made;

-- name: open_one
-- The reference of an account's open request for the same document of the same diploma and person.
select reference from document_request
where account_id = :account and kind = :kind and family = :family and year = :year and obtained_in = :obtained_in
  and coalesce(country_code, '') = coalesce((:country)::text, '') and coalesce(represented, '{}') = coalesce((:represented)::jsonb, '{}')
  and state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'ACCEPTED');

-- name: withdraw
-- The applicant takes a request back that is not decided; no row when it is.
with withdrawn as (
  update document_request set state = 'WITHDRAWN', ended_at = now(), waiting_since = null, missing_pieces = '{}'
  where id = :request and account_id = :account and state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED')
  returning id, account_id
), noted as (
  insert into document_request_event (request_id, kind, state, account_id) select id, 'STATE', 'WITHDRAWN', account_id from withdrawn
)
select id from withdrawn;

-- name: reply
-- The applicant writes to a request that is not closed. When the exam service waited for him, the review goes on and so does the delay.
-- No row when it is closed, or he wrote too often in a day.
with told as (
  update document_request q set state = case q.state when 'INFORMATION_REQUESTED' then 'IN_REVIEW' else q.state end,
    due_on = case q.state when 'INFORMATION_REQUESTED' then legal_due_again(q.due_on, q.waiting_since, now()) else q.due_on end,
    waiting_since = null
  where q.id = :request and q.account_id = :account and q.state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'ACCEPTED')
    and (:most)::int > (select count(*) from document_request_message m where m.request_id = q.id and m.agent_id is null
      and uuid_extract_timestamp(m.id) > now() - interval '1 day')
  returning q.id, q.account_id, old.state as before, new.state as after
), written as (
  insert into document_request_message (request_id, body) select id, :body from told
), noted as (
  insert into document_request_event (request_id, kind, state, account_id)
  select t.id, e.kind, e.state, t.account_id
  from told t cross join lateral (values ('MESSAGE', null), ('STATE', t.after)) as e (kind, state)
  where e.kind = 'MESSAGE' or t.before <> t.after
)
select id from told;

-- name: state
-- Where a request of an account stands.
select state from document_request where id = :request and account_id = :account;
