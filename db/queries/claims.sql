-- name: sessions
-- The published sessions of a family and year in an academy, with those of academies that merged into it.
with recursive wanted as (
  select code from academy where code = :academy
  union
  select a.code from academy a join wanted w on a.successor_code = w.code
)
select s.id from exam_session s join wanted w on w.code = s.academy_code
where s.family = :family and s.year = :year and s.state = 'PUBLISHED';

-- name: records
-- The published records of some sessions whose compared name and date of birth are among those looked for, for the matching of one
-- account's person alone; more than fifty say nothing.
select p.id, p.family, p.session_year, p.candidate_number, p.ine, p.birth_name, p.used_name, p.given_names, p.sex, p.birth_date, p.birth_commune,
  p.birth_place, p.birth_country, p.establishment
from unnest((:names)::text[]) as n (name)
cross join unnest((:dates_from)::text[], (:dates_to)::text[]) as b (first, last)
join published_diploma p on p.name_key = n.name and p.birth_date between b.first and b.last
where p.session_id = any((:sessions)::uuid[]) and p.status = 'VALID'
order by p.id limit 51;

-- name: recent
-- How many requests of an account were not granted in the last day, and how many were.
select count(*) filter (where state <> 'ADDED') as refused, count(*) filter (where state = 'ADDED') as added
from claim where account_id = :account and created_at > now() - interval '1 day';

-- name: make
-- Notes a request; no row when the reference is taken.
insert into claim (reference, account_id, family, academy_code, year, facts, person, state)
values (:reference, :account, :family, :academy, :year, :facts, :person, :state)
on conflict (reference) do nothing returning id;

-- name: note_candidates
-- The records that a request found.
insert into claim_candidate (claim_id, diploma_id, decision, comparison)
select :claim, c.diploma_id, c.decision, c.comparison
from unnest((:diplomas)::uuid[], (:decisions)::text[], (:comparisons)::jsonb[]) as c (diploma_id, decision, comparison);

-- name: freeze_of
-- The request that gave a diploma to its holder goes to the review desk too.
update claim c set state = 'FROZEN' from holding h where h.diploma_id = :diploma and c.id = h.claim_id returning c.id;

-- name: page
-- An account's requests, the latest first, before an id, as many as asked. Its owner is not told why one was not granted.
select c.* from shown_claim c where c.account_id = (:account)::uuid and c.id < (:before)::uuid order by c.id desc limit (:count)::int;

-- name: one
-- A request of an account, as it is told to its owner.
select c.* from shown_claim c where c.account_id = (:account)::uuid and c.id = (:claim)::uuid;

-- name: review_again
-- A request that was granted goes to the review desk with the person as he now is said to be; what it gave stays with him meanwhile.
with doubtful as (
  update claim set state = 'REVIEW', person = :person where id = :claim and state in ('ADDED', 'REVIEW') returning id
)
update claim_candidate k set decision = 'REVIEW', comparison = :comparison from doubtful d
where k.claim_id = d.id and k.diploma_id = :diploma returning k.claim_id;
