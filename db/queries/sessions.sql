-- name: open
-- Opens the session of a family, an academy of the caller and a year; no row when it is open already or is not his.
insert into exam_session (family, academy_code, year)
select :family, :academy, :year where (:academy)::text = any((:academies)::text[])
on conflict (family, academy_code, year) do nothing returning id;

-- name: add_groups
-- The jury groups of a session that was just opened.
insert into jury_group (session_id, code, position)
select :session, code, position from unnest((:codes)::text[]) with ordinality as g (code, position);

-- name: find
-- The session of a family, academy and year, if the caller's academies hold it.
select id from exam_session where family = :family and academy_code = :academy and year = (:year)::int
  and academy_code = any((:academies)::text[]);

-- name: one
-- The session of a family, academy and year as agents see it, if the caller's academies hold it.
select * from shown_session s where s.family = (:family)::text and s.academy_code = (:academy)::text and s.year = (:year)::int
  and s.academy_code = any((:academies)::text[]);

-- name: lock
-- Locks a session of the caller's academies: every act on it waits its turn here.
select id, family, academy_code, year, state, edition, import_id from exam_session
where id = :session and academy_code = any((:academies)::text[]) for update;

-- name: by_id
-- Sessions of the caller's academies as agents see them, with what still keeps each from being complete.
select * from shown_session s where s.id = any((:sessions)::uuid[]) and s.academy_code = any((:academies)::text[]);

-- name: page
-- A page of the sessions of the caller's academies, latest year first, one more than asked.
select * from shown_session s
where s.academy_code = any((:academies)::text[]) and ((:family)::text is null or s.family = :family)
  and ((:year)::int is null or s.year = :year)
  and (s.year, s.family, s.academy_code) < ((:after_year)::int, (:after_family)::text, (:after_academy)::text)
order by s.year desc, s.family desc, s.academy_code desc limit (:count)::int;

-- name: groups
-- The jury groups of sessions of the caller's academies, in their order.
select g.session_id, g.code, g.position, g.closed_at, a.name as closed_by
from jury_group g join exam_session s on s.id = g.session_id left join agent a on a.id = g.closed_by
where g.session_id = any((:sessions)::uuid[]) and s.academy_code = any((:academies)::text[]) order by g.session_id, g.position;

-- name: close_group
-- Closes a jury group of an open session; no row when it is closed already or the session is past that.
update jury_group g set closed_by = :agent, closed_at = now()
from exam_session s where s.id = g.session_id and g.session_id = :session and g.code = :code and g.closed_at is null
  and s.state = 'OPEN' returning g.code;

-- name: reopen_group
-- Opens a closed jury group again before the publication is prepared.
update jury_group g set closed_by = null, closed_at = null
from exam_session s where s.id = g.session_id and g.session_id = :session and g.code = :code and g.closed_at is not null
  and s.state in ('OPEN', 'COMPLETE') returning g.code;

-- name: complete
-- An open session becomes complete when results are there, every group is closed, every candidate decided, every flag confirmed.
update exam_session s set state = 'COMPLETE' where s.id = :session and s.state = 'OPEN' and s.import_id is not null
  and not exists (select from jury_group g where g.session_id = s.id and g.closed_at is null)
  and not exists (select from candidate c where c.session_id = s.id and c.import_id = s.import_id
    and c.decision in ('SECOND_GROUPE', 'REMPLACEMENT', 'EN_ATTENTE'))
  and not exists (select from candidate c where c.session_id = s.id and c.import_id = s.import_id
    and c.flag is not null and c.confirmed_at is null)
returning s.id;

-- name: incomplete
-- A complete session is open again.
update exam_session set state = 'OPEN' where id = :session and state = 'COMPLETE' returning id;

-- name: reopen_withdrawn
-- A withdrawn session opens again as its next edition, its groups with it.
with reopened as (
  update exam_session set state = 'OPEN', edition = edition + 1 where id = :session and state = 'WITHDRAWN' returning id
)
update jury_group g set closed_by = null, closed_at = null from reopened r where g.session_id = r.id returning g.code;
