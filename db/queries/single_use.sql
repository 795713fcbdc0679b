-- name: make
-- Keeps the digest of a secret that serves once.
insert into single_use (digest, local_account_id, purpose, expires_at)
values (:digest, :local_account, :purpose, now() + (:lasts)::interval);

-- name: owner
-- The local account of a secret that still serves.
select local_account_id from single_use where digest = :digest and purpose = :purpose and expires_at > now();

-- name: take
-- Uses a secret up; its local account, or no row when it serves no more.
delete from single_use where digest = :digest and purpose = :purpose and expires_at > now() returning local_account_id;

-- name: end_all
-- Ends the secrets of a local account that serve these purposes.
delete from single_use where local_account_id = :local_account and purpose = any((:purposes)::text[]);
