-- name: candidates
-- What an import of the kit that families are tried with holds of each candidate, for no caller.
select candidate_number, decision, details from candidate where session_id = :session and import_id = :import_id order by line;

-- name: diplomas
-- The published diplomas of a family, in the order of their numbers, at most as many as asked, for the same kit.
select * from published_diploma where family = :family order by session_year, candidate_number, id limit (:count)::int;
