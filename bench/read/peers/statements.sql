-- name: session
-- The account of a cookie's session and who it is; the session's last sight is written once a minute at the most.
with found as (
  select id, account_id, seen_at from web_session
  where digest = $1 and ended_at is null and ends_at > now() and seen_at > now() - interval '30 minutes'
), seen as (
  update web_session w set seen_at = now() from found f where w.id = f.id and f.seen_at < now() - interval '1 minute'
)
select f.account_id, i.person from found f join account a on a.id = f.account_id and a.closed_at is null
cross join lateral (select person from identity where account_id = a.id order by proven desc, last_seen_at desc limit 1) i

-- name: agent
-- The agent of a bearer token.
select a.id, a.role, a.academies from agent_token t join agent a on a.id = t.agent_id
where t.digest = $1 and t.revoked_at is null and t.expires_at > now() and a.active

-- name: verify
-- The failures of each subject of a verification, in their order, and the diploma of a look-up and a compared name, if there is one.
select f.failures, d.* from (
  select array_agg(coalesce(v.failures, 0) order by b.nth) as failures
  from unnest($1::text[], $2::bytea[], $3::timestamptz[]) with ordinality as b (scope, subject, since, nth)
  left join lateral (select failures from verification_failure v
    where v.scope = b.scope and v.subject = b.subject and v.since = b.since limit 1) v on true
) f left join lateral (
  select d.id, d.version, d.status, s.family, s.year, s.academy_code, v.title, v.title_code, v.mention, v.birth_name, v.given_names,
    v.birth_date, v.details, case when k.version < d.version then v.recorded_at end as replaced_on
  from control_key k join diploma d on d.id = k.diploma_id
  join exam_session s on s.id = d.session_id and s.state = 'PUBLISHED'
  join diploma_version v on v.diploma_id = d.id and v.version = d.version
  join diploma_version o on o.diploma_id = d.id and o.version = k.version
  where k.lookup = $4 and k.revoked_at is null and k.version >= d.oldest_key_version and v.name_key = $5 and o.name_key = $5
) d on true

-- name: verify_key
-- The same with the diploma's id and version alone, for a server that reads the diploma by a statement of its own.
select f.failures, d.* from (
  select array_agg(coalesce(v.failures, 0) order by b.nth) as failures
  from unnest($1::text[], $2::bytea[], $3::timestamptz[]) with ordinality as b (scope, subject, since, nth)
  left join lateral (select failures from verification_failure v
    where v.scope = b.scope and v.subject = b.subject and v.since = b.since limit 1) v on true
) f left join lateral (
  select d.id, d.version, case when k.version < d.version then v.recorded_at end as replaced_on
  from control_key k join diploma d on d.id = k.diploma_id
  join exam_session s on s.id = d.session_id and s.state = 'PUBLISHED'
  join diploma_version v on v.diploma_id = d.id and v.version = d.version
  join diploma_version o on o.diploma_id = d.id and o.version = k.version
  where k.lookup = $4 and k.revoked_at is null and k.version >= d.oldest_key_version and v.name_key = $5 and o.name_key = $5
) d on true

-- name: count_failure
-- Counts a failed verification against each of its subjects.
insert into verification_failure (scope, subject, since, failures)
select scope, subject, since, 1 from unnest($1::text[], $2::bytea[], $3::timestamptz[]) as b (scope, subject, since)
order by scope, subject, since
on conflict (scope, subject, since) do update set failures = verification_failure.failures + 1

-- name: consult
-- Keeps a sealed consultation.
insert into consultation (subject, sealed) values ($1, $2)

-- name: academies
-- Academies by their codes.
select code, name from academy where code = any($1::text[])

-- name: diplomas
-- Published diplomas by their ids.
select d.id, d.version, d.status, s.family, s.year, s.academy_code, v.title, v.title_code, v.mention, v.birth_name, v.given_names,
  v.birth_date, v.details
from diploma d join diploma_version v on v.diploma_id = d.id and v.version = d.version
join exam_session s on s.id = d.session_id and s.state = 'PUBLISHED'
where d.id = any($1::uuid[])

-- name: held
-- Published diplomas that an account holds, the latest first, before an id, as many as asked.
select h.attached_at, d.id, d.version, d.key_generation, d.status, s.family, s.year, s.academy_code, v.title, v.title_code, v.mention,
  v.birth_name, v.given_names, v.birth_date, v.details, coalesce(v.awarded_on, make_date(s.year, 12, 31))::text as delivered_on
from holding h join diploma d on d.id = h.diploma_id
join diploma_version v on v.diploma_id = d.id and v.version = d.version
join exam_session s on s.id = d.session_id and s.state = 'PUBLISHED'
where h.account_id = $1 and h.frozen_at is null and h.diploma_id < $2::uuid
order by h.diploma_id desc limit $3

-- name: reviews
-- Requests that wait for an agent of some academies, the oldest first, after an id, as many as asked.
select c.* from unnest($1::text[]) as a (code) cross join lateral (
  select id, reference, family, year, state, created_at, academy_code from claim
  where academy_code = a.code and state in ('REVIEW', 'FROZEN') and id > $2::uuid order by id limit $3) c
order by c.id limit $3

-- name: candidates
-- The records that requests found, and whether another account has each.
select k.claim_id, k.diploma_id,
  exists (select from holding h where h.diploma_id = k.diploma_id and h.account_id <> c.account_id) as held_by_another
from claim_candidate k join claim c on c.id = k.claim_id where k.claim_id = any($1::uuid[]) order by k.claim_id, k.diploma_id

-- name: decisions
-- The decisions on requests, the latest first, ten of each at most.
select c.id as claim_id, d.kind, d.prepared_by from unnest($1::uuid[]) as c (id) cross join lateral (
  select d.kind, p.name as prepared_by from review_decision d join agent p on p.id = d.prepared_by
  where d.claim_id = c.id order by d.id desc limit 10) d

-- name: availability
-- Where diplomas are to be found, for each academy, family and year.
select a.code as academy_code, f.code as family, y.year as session, s.published_count as count,
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
