-- name: verify
-- The failures of each subject of a verification, in their order, and what is shown of the diploma, if there is one.
select f.failures, d.* from (
  select array_agg(coalesce(v.failures, 0) order by b.nth) as failures
  from unnest($1::text[], $2::bytea[], $3::timestamptz[]) with ordinality as b (scope, subject, since, nth)
  left join lateral (select failures from verification_failure v
    where v.scope = b.scope and v.subject = b.subject and v.since = b.since limit 1) v on true
) f left join lateral (
  select d.id, d.version, d.status, s.family, s.year, a.code as academy_code, a.name as academy_name, v.title, v.title_code, v.mention,
    v.birth_name, v.given_names, v.details, case when k.version < d.version then v.recorded_at end as replaced_on
  from control_key k join diploma d on d.id = k.diploma_id
  join exam_session s on s.id = d.session_id and s.state = 'PUBLISHED'
  join academy a on a.code = s.academy_code
  join diploma_version v on v.diploma_id = d.id and v.version = d.version
  join diploma_version o on o.diploma_id = d.id and o.version = k.version
  where k.lookup = $4 and k.revoked_at is null and k.version >= d.oldest_key_version and v.name_key = $5 and o.name_key = $5
) d on true

-- name: held
-- Published diplomas that an account holds, the latest first, with their academies.
select h.attached_at, d.id, d.version, d.key_generation, d.status, s.year, a.name as academy_name, v.title, v.mention,
  coalesce(v.awarded_on, make_date(s.year, 12, 31))::text as delivered_on
from holding h join diploma d on d.id = h.diploma_id
join diploma_version v on v.diploma_id = d.id and v.version = d.version
join exam_session s on s.id = d.session_id and s.state = 'PUBLISHED'
join academy a on a.code = s.academy_code
where h.account_id = $1 and h.frozen_at is null and h.diploma_id < $2::uuid
order by h.diploma_id desc limit $3

-- name: reviews
-- Requests that wait for an agent, the oldest first, each on a row for every candidate, with its decisions; flat, since JSON that
-- PostgreSQL makes costs it twice as much.
select c.id, c.reference, c.family, c.year, c.state, c.created_at, a.name as academy_name, d.kinds, d.agents,
  k.id as diploma_id, k.title, k.session, k.birth_name, k.given_names, k.birth_date, k.held_by_another
from (select c.* from unnest($1::text[]) as w (code) cross join lateral (
  select * from claim where academy_code = w.code and state in ('REVIEW', 'FROZEN') and id > $2::uuid order by id limit $3) c
  order by c.id limit $3) c
join academy a on a.code = c.academy_code
left join lateral (
  select d.id, v.title, s.year as session, v.birth_name, v.given_names, v.birth_date,
    exists (select from holding h where h.diploma_id = k.diploma_id and h.account_id <> c.account_id) as held_by_another
  from claim_candidate k join diploma d on d.id = k.diploma_id
  join diploma_version v on v.diploma_id = d.id and v.version = d.version
  join exam_session s on s.id = d.session_id and s.state = 'PUBLISHED'
  where k.claim_id = c.id) k on true
cross join lateral (
  select array_agg(d.kind) as kinds, array_agg(d.name) as agents
  from (select d.kind, p.name from review_decision d join agent p on p.id = d.prepared_by
    where d.claim_id = c.id order by d.id desc limit 10) d) d
order by c.id, k.id

-- name: availability
-- Where diplomas are to be found, for each academy, family and year.
select a.code, a.name, f.code as family, y.year as session, s.published_count as count,
  case when y.year < coalesce(extract(year from a.valid_from), 0) or y.year > coalesce(extract(year from a.valid_until), 9999)
      or y.year < coalesce(f.first_session, 0) or y.year > coalesce(f.last_session, 9999) or y.year > extract(year from now())
    then 'OUT_OF_SCOPE'
    when s.id is not null then 'AVAILABLE'
    when f.at_establishment then 'ESTABLISHMENT'
    when y.year < coalesce(own.first_session, others.first_session, 0) then 'PAPER_ONLY'
    else 'AWAITING_RESULTS' end as state
from academy a
cross join unnest($1::text[], $2::int[], $3::int[], $4::bool[]) as f (code, first_session, last_session, at_establishment)
cross join generate_series($5::int, $6::int) as y (year)
left join coverage own on own.academy_code = a.code and own.family = f.code
left join coverage others on others.academy_code = '*' and others.family = f.code
left join exam_session s on s.academy_code = a.code and s.family = f.code and s.year = y.year and s.state = 'PUBLISHED'
where a.kind <> 'INTERACADEMIC' order by a.code, f.code, y.year
