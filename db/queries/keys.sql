-- name: make_batch
-- A table of this transaction for the look-ups of new keys.
create temporary table new_key (lookup bytea, diploma_id uuid, version smallint, generation smallint) on commit drop;

-- name: insert_batch
-- Adds the batch to the register's keys; those whose look-up is taken already stay out.
insert into control_key (lookup, diploma_id, version, generation)
select lookup, diploma_id, version, generation from new_key on conflict (lookup) do nothing;

-- name: left_out
-- The versions of the batch whose key was taken: they need their next generation.
select n.diploma_id, n.version, n.generation from new_key n join control_key k on k.lookup = n.lookup
where (k.diploma_id, k.version) is distinct from (n.diploma_id, n.version);

-- name: clear_batch
-- Empties the batch.
truncate new_key;

-- name: note_generations
-- The diplomas whose key is not of the first generation remember which it is.
update diploma d set key_generation = g.generation
from unnest((:diplomas)::uuid[], (:versions)::smallint[], (:generations)::smallint[]) as g (id, version, generation)
where d.id = g.id and d.version = g.version;

-- name: current
-- The version and key generation of diplomas, from which their keys are derived.
select id, version, key_generation from diploma where id = any((:diplomas)::uuid[]);
