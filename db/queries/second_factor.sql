-- name: propose
-- Keeps a secret that becomes the second factor once its first code was given; no row when there is one already.
update local_account set totp = :totp, totp_step = null where id = :id and totp_since is null returning id;

-- name: begin
-- Makes the secret that was proposed the second factor, with the step of its first code; no row when it is one already.
update local_account set totp_since = now(), totp_step = :step where id = :id and totp_since is null and totp is not null returning id;

-- name: take_step
-- Takes a code of a step; no row when one of that step or a later one was taken before (RFC 6238, §5.2).
update local_account set totp_step = :step where id = :id and totp_since is not null and totp_step < :step returning id;

-- name: end
-- Takes the second factor away, with its recovery codes; no row when there was none.
with codes as (
  delete from recovery_code where local_account_id = :id
)
update local_account set totp = null, totp_since = null, totp_step = null where id = :id and totp_since is not null returning id;

-- name: end_codes
-- Ends every recovery code of a local account.
delete from recovery_code where local_account_id = :id;

-- name: keep_codes
-- Keeps the digests of new recovery codes.
insert into recovery_code (local_account_id, digest) select :id, unnest((:digests)::bytea[]);

-- name: take_code
-- Uses a recovery code up; no row when it is none, or was used.
delete from recovery_code where local_account_id = :id and digest = :digest returning digest;

-- name: codes_left
-- How many recovery codes are left.
select count(*) from recovery_code where local_account_id = :id;
