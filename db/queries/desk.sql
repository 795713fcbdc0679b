-- name: page
-- Requests that the caller's academies answer, the oldest first, after an id, as many as asked. Each academy is a look-up of its own in the
-- index of those that are open; those that are closed have another one, which is looked at only when their states are asked for.
select r.* from (
  select w.id from unnest((:academies)::text[]) as a (code) cross join lateral (
    (select q.id from document_request q
    where q.academy_code = a.code and q.id > (:after)::uuid
      and q.state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'ACCEPTED')
      and ((:states)::text[] is null or q.state = any((:states)::text[]))
      and ((:kinds)::text[] is null or q.kind = any((:kinds)::text[]))
      and ((:families)::text[] is null or q.family = any((:families)::text[]))
      and case (:assignment)::text when 'MINE' then q.assigned_to = (:agent)::uuid when 'NOBODY' then q.assigned_to is null
        when 'SOMEBODY' then q.assigned_to is not null else true end
      and ((:assignee)::text is null or q.assigned_to = (select g.id from agent g where g.name = (:assignee)::text))
      and ((:due_before)::date is null or q.due_on < (:due_before)::date)
      and ((:overdue)::boolean is null
        or (q.state <> 'ACCEPTED' and days_left(q.due_on, q.waiting_since) < 0) = (:overdue)::boolean)
    order by q.id limit (:count)::int)
    union all
    (select q.id from document_request q
    where (:states)::text[] && '{REFUSED,WITHDRAWN,DELIVERED}'::text[] and not coalesce((:overdue)::boolean, false)
      and q.academy_code = a.code and q.id > (:after)::uuid and q.state in ('REFUSED', 'WITHDRAWN', 'DELIVERED')
      and q.state = any((:states)::text[])
      and ((:kinds)::text[] is null or q.kind = any((:kinds)::text[]))
      and ((:families)::text[] is null or q.family = any((:families)::text[]))
      and case (:assignment)::text when 'MINE' then q.assigned_to = (:agent)::uuid when 'NOBODY' then q.assigned_to is null
        when 'SOMEBODY' then q.assigned_to is not null else true end
      and ((:assignee)::text is null or q.assigned_to = (select g.id from agent g where g.name = (:assignee)::text))
      and ((:due_before)::date is null or q.due_on < (:due_before)::date)
    order by q.id limit (:count)::int)
  ) w order by w.id limit (:count)::int) p
-- `limit` keeps the view apart, so that it is read for each of the page: joined, it would be read as a whole
cross join lateral (select v.* from shown_desk_request v where v.id = p.id limit 1) r order by r.id;

-- name: by_id
-- Requests that the caller's academies answer, whatever their state.
select r.* from shown_desk_request r where r.id = any((:requests)::uuid[]) and r.academy_code = any((:academies)::text[]);

-- name: by_reference
-- The request that an applicant quotes, when the caller's academies answer it.
select r.* from shown_desk_request r where r.reference = (:reference)::text and r.academy_code = any((:academies)::text[]);

-- name: counts
-- How many requests are open at the desk of the caller's academies: from the index alone.
with waiting as (
  select q.state, q.kind, count(*) as count,
    count(*) filter (where q.state <> 'ACCEPTED' and days_left(q.due_on, q.waiting_since) < 0) as overdue,
    count(*) filter (where q.assigned_to = (:agent)::uuid) as mine, count(*) filter (where q.assigned_to is null) as unassigned
  from document_request q
  where q.academy_code = any((:academies)::text[]) and q.state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'ACCEPTED')
  group by q.state, q.kind
)
select coalesce(sum(count), 0)::int as open, coalesce(sum(overdue), 0)::int as overdue, coalesce(sum(mine), 0)::int as mine,
  coalesce(sum(unassigned), 0)::int as unassigned,
  coalesce(jsonb_agg(jsonb_build_object('state', state, 'kind', kind, 'count', count) order by state, kind), '[]') as by_state
from waiting;

-- name: messages
-- The latest messages of requests that the caller's academies answer, in their order, fifty of each at most.
select q.id as request_id, m.id, m.body, uuid_extract_timestamp(m.id) as written_at, g.name as agent,
  case when m.agent_id is null then 'APPLICANT' else 'SERVICE' end as author
from document_request q cross join lateral (
  select w.* from document_request_message w where w.request_id = q.id order by w.id desc limit 50) m
left join agent g on g.id = m.agent_id
where q.id = any((:requests)::uuid[]) and q.academy_code = any((:academies)::text[])
order by q.id, m.id;

-- name: pieces
-- The files of requests that the caller's academies answer, in their order, fifty of each at most.
select q.id as request_id, p.*, case when p.agent_id is null then 'APPLICANT' else 'SERVICE' end as sender
from document_request q cross join lateral (
  select w.* from document_request_piece w where w.request_id = q.id order by w.id limit 50) p
where q.id = any((:requests)::uuid[]) and q.academy_code = any((:academies)::text[])
order by q.id, p.id;

-- name: events
-- The latest entries of the history of requests that the caller's academies answer, in their order, fifty of each at most.
select q.id as request_id, e.id, e.kind, e.state, uuid_extract_timestamp(e.id) as at, g.name as agent, e.facts ->> 'piece' as piece,
  case when e.agent_id is not null then 'SERVICE' when e.account_id is not null then 'APPLICANT' else 'REGISTER' end as actor
from document_request q cross join lateral (
  select w.* from document_request_event w where w.request_id = q.id order by w.id desc limit 50) e
left join agent g on g.id = e.agent_id
where q.id = any((:requests)::uuid[]) and q.academy_code = any((:academies)::text[])
order by q.id, e.id;

-- name: templates
-- The reasons for which requests are refused, of one kind or of all; some ten rows.
select t.* from refusal_template t
where t.kinds <> '{}' and ((:kind)::text is null or t.kinds @> array[(:kind)::text]) order by t.code;

-- name: agents
-- The agents who work at the desk of each of some academies, by name, a hundred at most.
select distinct g.name from agent g join role_right r on r.role = g.role and r.act = 'REQUESTS'
where g.active and g.academies && (:academies)::text[] order by g.name limit 100;

-- name: take
-- An agent takes a request that nobody has; no row when somebody has it, it is closed, or another academy's.
with taken as (
  update document_request set assigned_to = :agent, state = case state when 'SUBMITTED' then 'IN_REVIEW' else state end
  where id = :request and academy_code = any((:academies)::text[]) and assigned_to is null
    and state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'ACCEPTED')
  returning id, old.state as former, new.state as state
)
insert into document_request_event (request_id, kind, state, agent_id)
select id, case when former = state then 'ASSIGNMENT' else 'STATE' end, case when former <> state then state end, :agent
from taken returning request_id;

-- name: assign
-- A request passes from the agent who has it, or from nobody, to an agent of the same desk, or to nobody; no row when somebody else has it
-- meanwhile, it is closed, another academy's, or no such agent works there.
with given as (
  update document_request q set assigned_to = g.id,
    state = case when q.state = 'SUBMITTED' and g.id is not null then 'IN_REVIEW' else q.state end
  from (select 1) as one left join agent g on g.name = (:assignee)::text
    and g.active and exists (select from role_right r where r.role = g.role and r.act = 'REQUESTS')
  where q.id = :request and q.academy_code = any((:academies)::text[])
    and q.state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'ACCEPTED')
    and q.assigned_to is not distinct from (select f.id from agent f where f.name = (:former)::text)
    and ((:assignee)::text is null or q.academy_code = any(g.academies))
  returning q.id, old.state as former, new.state as state, g.id as assignee
)
insert into document_request_event (request_id, kind, state, agent_id, facts)
select id, case when former = state then 'ASSIGNMENT' else 'STATE' end, case when former <> state then state end, :agent,
  jsonb_build_object('agent', assignee)
from given returning request_id;

-- name: works_there
-- Whether an agent of that name works at the desk that answers a request of the caller's academies.
select exists (select from agent g join role_right r on r.role = g.role and r.act = 'REQUESTS'
  join document_request q on q.id = :request and q.academy_code = any((:academies)::text[]) and q.academy_code = any(g.academies)
  where g.active and g.name = (:assignee)::text);

-- name: write
-- The agent who has a request writes to its applicant; no row when he has not, or it is closed.
with open as (
  select id, account_id, reference from document_request
  where id = :request and academy_code = any((:academies)::text[]) and assigned_to = :agent
    and state in ('IN_REVIEW', 'INFORMATION_REQUESTED', 'ACCEPTED') for update
), written as (
  insert into document_request_message (request_id, agent_id, body) select id, :agent, :body from open
), noted as (
  insert into document_request_event (request_id, kind, agent_id) select id, 'MESSAGE', :agent from open
)
select account_id, reference from open;

-- name: last_day
-- The last day of a time of so many days from today.
select day_in_france(now()) + (:days)::int;

-- name: ask
-- The agent who has a request asks its applicant for pieces or an answer, and the delay rests; asked again, he is given more time. No row
-- when he has not, or it is decided or closed.
with asked as (
  update document_request set state = 'INFORMATION_REQUESTED', waiting_since = coalesce(waiting_since, now()),
    answer_by = :answer_by,
    missing_pieces = array(select distinct k from unnest(missing_pieces || (:pieces)::text[]) as p (k) order by k)
  where id = :request and academy_code = any((:academies)::text[]) and assigned_to = :agent
    and state in ('IN_REVIEW', 'INFORMATION_REQUESTED')
  returning id, account_id, reference, answer_by, old.state as former
), written as (
  insert into document_request_message (request_id, agent_id, body) select id, :agent, :body from asked
), noted as (
  insert into document_request_event (request_id, kind, state, agent_id, facts)
  select id, case former when 'IN_REVIEW' then 'STATE' else 'MESSAGE' end,
    case former when 'IN_REVIEW' then 'INFORMATION_REQUESTED' end, :agent,
    jsonb_build_object('pieces', (:pieces)::text[], 'answer_by', answer_by)
  from asked
)
select account_id, reference from asked;

-- name: accept
-- The agent who has a request grants it: the delay is over. No row when he has not, or it is decided or closed.
with granted as (
  update document_request set state = 'ACCEPTED', decided_at = now(), decided_by = :agent, missing_pieces = '{}',
    due_on = case when waiting_since is null then due_on else legal_due_again(due_on, waiting_since, now()) end, waiting_since = null
  where id = :request and academy_code = any((:academies)::text[]) and assigned_to = :agent
    and state in ('IN_REVIEW', 'INFORMATION_REQUESTED')
  returning id, account_id, reference
), written as (
  insert into document_request_message (request_id, agent_id, body) select id, :agent, (:body)::text from granted
  where (:body)::text is not null
), noted as (
  insert into document_request_event (request_id, kind, state, agent_id) select id, 'STATE', 'ACCEPTED', :agent from granted
)
select account_id, reference from granted;

-- name: refusable
-- What the refusal of a request of the caller's academies would say: the text of a template that fits its kind, and the ways of appeal. No
-- row when the request is another academy's, or the template does not refuse its kind.
select t.text_fr, t.needs_grounds, w.text_fr as appeal_fr
from document_request q join refusal_template t on t.code = :template and t.kinds @> array[q.kind]
join way_of_appeal w on w.kinds @> array[q.kind]
where q.id = :request and q.academy_code = any((:academies)::text[]);

-- name: refuse
-- The agent who has a request refuses it. No row when he has not, it is decided or closed, or silence has granted it: what was granted so is
-- only withdrawn as a decision is (CRPA, L242-1).
with refused as (
  update document_request set state = 'REFUSED', decided_at = now(), decided_by = :agent, ended_at = now(), missing_pieces = '{}',
    due_on = case when waiting_since is null then due_on else legal_due_again(due_on, waiting_since, now()) end, waiting_since = null,
    refusal = jsonb_build_object('template', (:template)::text, 'grounds', (:grounds)::text)
  where id = :request and academy_code = any((:academies)::text[]) and assigned_to = :agent
    and state in ('IN_REVIEW', 'INFORMATION_REQUESTED')
    and not (silence = 'ACCEPTANCE' and days_left(due_on, waiting_since) < 0)
  returning id, account_id, reference
), written as (
  insert into document_request_message (request_id, agent_id, body) select id, :agent, :body from refused
), noted as (
  insert into document_request_event (request_id, kind, state, agent_id, facts)
  select id, 'STATE', 'REFUSED', :agent, jsonb_build_object('template', (:template)::text) from refused
)
select account_id, reference from refused;

-- name: hand_over
-- The agent who has a granted request has handed over or posted what cannot be sent as a file: a diploma. No row when he has not, it is not
-- granted, or a file answers it.
with handed as (
  update document_request set state = 'DELIVERED', ended_at = now()
  where id = :request and academy_code = any((:academies)::text[]) and assigned_to = :agent and state = 'ACCEPTED'
    and kind in ('COLLECTION', 'REISSUE')
  returning id, account_id, reference
), noted as (
  insert into document_request_event (request_id, kind, state, agent_id) select id, 'STATE', 'DELIVERED', :agent from handed
)
select account_id, reference from handed;

-- name: run_again
-- The delay of a request runs again once the time is over that its applicant was given to answer (CRPA, L114-5), and its agent sees it. Some
-- at a time; how many there were.
with over as (
  select id from document_request where state = 'INFORMATION_REQUESTED' and answer_by < day_in_france(now())
  order by answer_by limit (:most)::int for update skip locked
), again as (
  update document_request q set state = 'IN_REVIEW', waiting_since = null,
    due_on = legal_due_again(q.due_on, q.waiting_since, (q.answer_by + 1)::timestamp at time zone 'Europe/Paris')
  from over o where q.id = o.id returning q.id
), noted as (
  insert into document_request_event (request_id, kind, state) select id, 'STATE', 'IN_REVIEW' from again
)
select count(*)::int from again;

-- name: standing
-- Where a request of the caller's academies stands, who has it, and whether silence has granted it.
select q.state, q.assigned_to, g.name as assigned_name,
  q.silence = 'ACCEPTANCE' and q.decided_at is null and days_left(q.due_on, q.waiting_since) < 0 as granted_by_silence
from document_request q left join agent g on g.id = q.assigned_to
where q.id = :request and q.academy_code = any((:academies)::text[]);

-- name: watching
-- The academies at whose desk an agent works, while he is still signed in: by the session that he began with, or by a token of his. No row
-- once he is not.
select g.academies from agent g join role_right r on r.role = g.role and r.act = 'REQUESTS'
where g.id = :agent and g.active and case when (:session)::uuid is null
  then exists (select from agent_token t where t.agent_id = g.id and t.revoked_at is null and t.expires_at > now())
  else exists (select from web_session w where w.id = (:session)::uuid and w.ended_at is null and w.ends_at > now()
    and w.seen_at > now() - case when w.app_id is null then (:idle)::interval else (:app_idle)::interval end) end;
