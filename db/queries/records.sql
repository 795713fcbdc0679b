-- name: unproven
-- The earliest released publication whose versions have no proofs yet, of one session if told.
select p.id, p.session_id from publication p
where p.released_at is not null and ((:session)::uuid is null or p.session_id = :session) and not exists (select from publication_proof f where f.publication_id = p.id)
order by p.released_at limit 1;

-- name: prove_publication
-- Keeps the proofs of all versions that a publication wrote.
insert into publication_proof (publication_id, proof, proofs)
select p.id, publication_row_proof((:inner_pad)::bytea, (:outer_pad)::bytea, p), coalesce((
  select array_agg(version_proof((:inner_pad)::bytea, (:outer_pad)::bytea, sha256(convert_to(version_person(v), 'UTF8')), version_facts(v)))
  from diploma d join diploma_version v on v.diploma_id = d.id and v.publication_id = p.id
  where d.session_id = p.session_id), '{}')
from publication p where p.id = :publication
on conflict (publication_id) do nothing;

-- name: prove_journal
-- Keeps the proofs of the journal's lines since the last one that has one, a thousand at most. Those that a transaction under way may
-- still precede wait: their numbers are drawn before their commit.
with bounds as (
  select coalesce((select max(last_id) from journal_proof), 0) as after,
    least(now(), (select min(a.xact_start) from pg_stat_activity a where a.backend_xid is not null and a.pid <> pg_backend_pid()))
      - interval '1 second' as until
), chosen as materialized (
  select j.id from journal j, bounds b where j.id > b.after and j.id < coalesce((select min(n.id) from journal n where n.id > b.after and n.at >= b.until), 9223372036854775807)
  order by j.id limit 1000
)
insert into journal_proof (first_id, last_id, proofs)
select b.after + 1, max(j.id), array_agg(journal_line_proof((:inner_pad)::bytea, (:outer_pad)::bytea, j) order by j.id)
from journal j join chosen c on c.id = j.id, bounds b group by b.after
on conflict (last_id) do nothing;
