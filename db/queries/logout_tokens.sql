-- name: take
-- Notes a provider's logout token; no row when it was taken before.
insert into logout_token (provider, jti) values (:provider, :jti) on conflict do nothing returning taken_at;

-- name: forget
-- Forgets tokens that would be refused for their age.
delete from logout_token where taken_at < now() - interval '1 day';
