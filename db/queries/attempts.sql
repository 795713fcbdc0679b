-- name: spend
-- Counts one attempt against a subject; how many it has made in this window.
insert into verification_failure (scope, subject, since, failures) values (:scope, :subject, :since, 1)
on conflict (scope, subject, since) do update set failures = verification_failure.failures + 1
returning failures;

-- name: give_back
-- Takes an attempt back that was no failure.
update verification_failure set failures = failures - 1
where scope = :scope and subject = :subject and since = :since and failures > 0;
