-- name: details
-- What a session's candidates hold of the family's own, by their numbers.
select candidate_number, details from candidate where session_id = :session order by candidate_number;

-- name: published
-- The diplomas that a session shows, with what derives their keys; at most so many.
select d.id, d.version, d.key_generation, v.birth_name, d.candidate_number
from diploma d join diploma_version v on v.diploma_id = d.id and v.version = d.version
where d.session_id = :session and d.status = 'VALID' order by d.candidate_number limit (:count)::int;
