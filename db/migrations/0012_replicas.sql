-- Where the log of the primary was when somebody last wrote: a replica that has not come so far is not read for that person.

alter table account add column last_write pg_lsn;
alter table agent add column last_write pg_lsn;

-- what says whether the session is open is beside who it is: one look-up finds both
create or replace view session_owner as
select w.id as session_id, w.account_id, i.person, i.proven, g.id as agent_id, g.name, g.role, g.academies,
  coalesce(a.last_write, g.last_write) as last_write, w.digest, w.seen_at, w.ends_at, w.ended_at
from web_session w
left join account a on a.id = w.account_id and a.closed_at is null
left join lateral (select i.person, i.proven from identity i where i.account_id = a.id
  order by i.proven desc, i.last_seen_at desc limit 1) i on true
left join agent g on g.id = w.agent_id and g.active
where a.id is not null or g.id is not null;
