-- name: anything
-- The state of a session, for the demonstration alone, which acts for no caller.
select state from exam_session where family = :family and academy_code = :academy and year = :year;

-- name: samples
-- Five published diplomas of each family, for the demonstration's keys.
select d.id, d.version, d.key_generation, v.birth_name, s.family
from unnest((:families)::text[]) as f (code) cross join lateral (
  select d.* from exam_session s join diploma d on d.session_id = s.id
  where s.family = f.code and s.state = 'PUBLISHED' and d.status = 'VALID' order by s.year desc, d.id limit 5) d
join exam_session s on s.id = d.session_id
join diploma_version v on v.diploma_id = d.id and v.version = d.version;
