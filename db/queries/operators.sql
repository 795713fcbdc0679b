-- name: journal
-- What agents did for the caller's academies, the latest first, before an id, as many as asked. Each academy is a look-up of its own in
-- the index; the last one is of acts that concern none, such as signing in: there, the agent's own academies say whose auditor sees it.
select j.id, j.at, j.act, g.name as agent, g.role, nullif(j.academy_code, '') as academy_code, s.family, s.year,
  coalesce(c.reference, r.reference) as reference,
  (select jsonb_agg(jsonb_build_object('name', f.key, 'value', f.value #>> '{}') order by f.key)
    from (select key, value from jsonb_each(j.facts) order by key limit 20) f) as facts
from (
  select j.* from unnest(array_append((:academies)::text[], '')) as a (code) cross join lateral (
    select * from journal j
    where j.academy_code = a.code and j.agent_id is not null and j.id < (:before)::bigint
      and (a.code <> '' or exists (select from agent g where g.id = j.agent_id and g.academies && (:academies)::text[]))
      and ((:act)::text is null or j.act = :act)
      and ((:agent)::text is null or j.agent_id = (select g.id from agent g where g.name = :agent))
      and ((:session)::uuid is null or j.session_id = :session)
      and ((:reference)::text is null
        or j.facts ->> 'claim' = (select c.id::text from claim c where c.reference = :reference)
        or j.facts ->> 'request' = (select r.id::text from document_request r where r.reference = :reference))
      and ((:since)::timestamptz is null or j.at >= :since) and ((:until)::timestamptz is null or j.at < :until)
    order by j.id desc limit (:count)::int) j
  order by j.id desc limit (:count)::int
) j
join agent g on g.id = j.agent_id
left join exam_session s on s.id = j.session_id
left join claim c on c.id = (j.facts ->> 'claim')::uuid
left join document_request r on r.id = (j.facts ->> 'request')::uuid
order by j.id desc;

-- name: operations
-- What waits in the queues, and since when. Beyond ten thousand a queue is counted no further.
select
  (select count(*) from import where state in ('WAITING', 'RUNNING')) as imports,
  (select min(submitted_at) from import where state = 'WAITING') as imports_since,
  (select count(*) from (select from document where state = 'WAITING' limit 10000) d) as documents,
  (select min(due_at) from document where state = 'WAITING' and urgent) as urgent_since,
  (select count(*) from (select from mail limit 10000) m) as letters,
  (select min(due_at) from mail) as letters_due,
  (select count(*) from publication where released_at is null and cancelled_at is null) as publications,
  (select min(release_at) from publication where released_at is null and cancelled_at is null and approved_by is not null)
    as next_release;
