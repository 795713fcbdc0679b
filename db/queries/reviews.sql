-- name: page
-- Requests under review in the caller's academies, the oldest first, after an id, as many as asked. Each academy is a look-up of its own
-- in the index of those that wait: among all requests they are few.
select c.* from (
  select k.id from unnest((:academies)::text[]) as a (code) cross join lateral (
    select k.id from claim k
    where k.academy_code = a.code and k.state in ('REVIEW', 'FROZEN') and k.id > (:after)::uuid
      and ((:family)::text is null or k.family = :family)
    order by k.id limit (:count)::int) k
  order by k.id limit (:count)::int) w
join shown_claim c on c.id = w.id order by c.id;

-- name: by_id
-- Requests of the caller's academies, whatever their state.
select c.* from shown_claim c where c.id = any((:claims)::uuid[]) and c.academy_code = any((:academies)::text[]);

-- name: by_reference
-- The request of the caller's academies that a holder quotes.
select c.* from shown_claim c where c.reference = (:reference)::text and c.academy_code = any((:academies)::text[]);

-- name: candidates
-- The records that requests of the caller's academies found.
select k.claim_id, exists (select from holding h where h.diploma_id = k.diploma_id and h.account_id <> c.account_id)
    as held_by_another,
  c.state = 'FROZEN' or exists (select from holding h where h.diploma_id = k.diploma_id and h.account_id <> c.account_id)
    or k.comparison ->> 'sex' = 'DIFFERS' or k.comparison ->> 'family' <> 'EQ' as two_agents,
  (select jsonb_agg(jsonb_build_object('field', upper(t.test), 'outcome', k.comparison ->> t.test) order by t.place)
    from unnest((:tests)::text[]) with ordinality as t (test, place) where k.comparison ->> t.test <> '') as comparisons, p.*
from claim c join claim_candidate k on k.claim_id = c.id join published_diploma p on p.id = k.diploma_id
where c.id = any((:claims)::uuid[]) and c.academy_code = any((:academies)::text[])
order by k.claim_id, k.diploma_id;

-- name: decisions
-- The decisions on requests of the caller's academies, the latest first, ten of each at most.
select c.id as claim_id, d.id, d.kind, d.reason, d.two_agents, p.name as prepared_by, d.prepared_at, a.name as approved_by,
  d.approved_at, d.cancelled_at
from claim c cross join lateral (select d.* from review_decision d where d.claim_id = c.id order by d.id desc limit 10) d
join agent p on p.id = d.prepared_by left join agent a on a.id = d.approved_by
where c.id = any((:claims)::uuid[]) and c.academy_code = any((:academies)::text[])
order by c.id, d.id desc;

-- name: prepare
-- A decision on a request that awaits one (or, to detach, was granted); no row when it does not, or another decision is pending.
insert into review_decision (claim_id, kind, diploma_id, reason, two_agents, prepared_by)
select c.id, :kind, :diploma, :reason,
  (:kind)::text = 'ATTACH' and (c.state = 'FROZEN'
    or exists (select from holding h where h.diploma_id = :diploma and h.account_id <> c.account_id)
    or exists (select from claim_candidate k where k.claim_id = c.id and k.diploma_id = :diploma
      and (k.comparison ->> 'sex' = 'DIFFERS' or k.comparison ->> 'family' <> 'EQ'))),
  :agent
from claim c join account a on a.id = c.account_id and a.closed_at is null
where c.id = :claim and c.academy_code = any((:academies)::text[])
  and c.state = any(case :kind when 'DETACH' then '{ADDED}'::text[] else '{REVIEW,FROZEN}'::text[] end)
  and ((:kind)::text <> 'ATTACH' or exists (select from claim_candidate k where k.claim_id = c.id and k.diploma_id = :diploma))
on conflict (claim_id) where approved_at is null and cancelled_at is null do nothing
returning id, two_agents;

-- name: approve
-- The pending decision on a request takes effect, by another agent where it needs two; no row when there is none or he took it.
update review_decision d set approved_by = :agent, approved_at = now() from claim c
where d.claim_id = :claim and c.id = d.claim_id and c.academy_code = any((:academies)::text[])
  and d.approved_at is null and d.cancelled_at is null and (not d.two_agents or d.prepared_by <> :agent)
returning d.id, d.kind, d.diploma_id, c.account_id;

-- name: pending
-- Who took the pending decision on a request of the caller's academies.
select d.prepared_by from review_decision d join claim c on c.id = d.claim_id
where d.claim_id = :claim and c.academy_code = any((:academies)::text[]) and d.approved_at is null and d.cancelled_at is null;

-- name: cancel
-- The pending decision on a request is taken back.
update review_decision d set cancelled_by = :agent, cancelled_at = now() from claim c
where d.claim_id = :claim and c.id = d.claim_id and c.academy_code = any((:academies)::text[])
  and d.approved_at is null and d.cancelled_at is null
returning d.id;

-- name: lock
-- Acts on a request of the caller's academies wait for each other here.
select id, account_id from claim where id = :claim and academy_code = any((:academies)::text[]) for update;

-- name: attach
-- The diploma is the account's from now on. Whoever held it holds it no longer; returns the request that had given it, if there was one.
insert into holding (diploma_id, account_id, claim_id) values (:diploma, :account, :claim)
on conflict (diploma_id) do update set account_id = excluded.account_id, claim_id = excluded.claim_id, attached_at = now(),
  frozen_at = null
returning old.claim_id as former_claim, old.account_id as former_account;

-- name: detach
-- What a request had given is nobody's; returns the diplomas.
delete from holding where claim_id = :claim returning diploma_id;

-- name: settle
-- The request is decided.
update claim set state = :state where id = :claim returning account_id;
