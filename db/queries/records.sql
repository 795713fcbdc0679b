-- name: unproven
-- The earliest released publication whose versions have no proofs yet, of one session if told.
select p.id, p.session_id from publication p
where p.released_at is not null and ((:session)::uuid is null or p.session_id = :session) and not exists (select from publication_proof f where f.publication_id = p.id)
order by p.released_at limit 1;

-- name: prove_publication
-- Keeps the proofs of all versions that a publication wrote.
insert into publication_proof (publication_id, proofs)
select (:publication)::uuid, coalesce(array_agg(version_proof((:inner_pad)::bytea, (:outer_pad)::bytea,
  sha256(convert_to(version_person(v), 'UTF8')), version_facts(v))), '{}')
from diploma d join diploma_version v on v.diploma_id = d.id and v.publication_id = :publication
where d.session_id = :session
on conflict (publication_id) do nothing;

-- name: prove_journal
-- Keeps the proof of the journal's lines since the last one that has a proof, a thousand at most. Those that a transaction under way may
-- still precede wait: their numbers are drawn before their commit.
with bounds as (
  select coalesce((select max(last_id) from journal_proof), 0) as after,
    least(now(), (select min(a.xact_start) from pg_stat_activity a where a.backend_xid is not null and a.pid <> pg_backend_pid()))
      - interval '1 second' as until
), chosen as materialized (
  select j.* from journal j, bounds b where j.id > b.after and j.id < coalesce((select min(n.id) from journal n where n.id > b.after and n.at >= b.until), 9223372036854775807)
  order by j.id limit 1000
)
insert into journal_proof (first_id, last_id, proof)
select b.after + 1, max(c.id), version_proof((:inner_pad)::bytea, (:outer_pad)::bytea, ''::bytea,
  json_agg(json_build_array(c.id, extract(epoch from c.at), c.agent_id, c.account_id, c.act, c.session_id, c.facts) order by c.id)::text)
from chosen c, bounds b group by b.after
on conflict (last_id) do nothing;
