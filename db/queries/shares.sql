-- name: new_id
-- The id of a link to be made: its secret is derived from it.
select uuidv7();

-- name: make
-- A link to a diploma that an account holds; no row when it does not, or has a hundred open links already.
insert into share (id, lookup, account_id, diploma_id, scope, label, expires_at, most_views)
select :id, :lookup, h.account_id, h.diploma_id, :scope, :label, :expires_at, :most_views
from holding h join published_diploma p on p.id = h.diploma_id
where h.diploma_id = :diploma and h.account_id = :account and h.frozen_at is null and p.status = 'VALID'
  and (select count(*) from share where account_id = :account and revoked_at is null and expires_at > now()) < 100
returning id;

-- name: revoke
-- Closes a link of an account; no row when it has none of that id or it is closed.
update share set revoked_at = now() where id = :share and account_id = :account and revoked_at is null returning id;

-- name: page
-- An account's links, the latest first, before an id, as many as asked.
select w.id as share_id, w.scope, w.label, w.created_at, w.expires_at, w.most_views, w.views,
  case when w.revoked_at is not null then 'REVOKED' when w.expires_at <= now() then 'EXPIRED'
    when w.views >= w.most_views then 'USED_UP' else 'OPEN' end as state, p.*
from share w join holding h on h.diploma_id = w.diploma_id and h.account_id = w.account_id and h.frozen_at is null
join published_diploma p on p.id = w.diploma_id
where w.account_id = (:account)::uuid and w.id < (:before)::uuid and ((:only)::uuid is null or w.id = :only)
order by w.id desc limit (:count)::int;

-- name: open
-- What a link shows, and counts the view. No row when it opens nothing, whatever the cause.
with opened as (
  update share w set views = w.views + 1 from holding h
  where w.lookup = :lookup and w.revoked_at is null and w.expires_at > now() and (w.most_views is null or w.views < w.most_views)
    and h.diploma_id = w.diploma_id and h.account_id = w.account_id and h.frozen_at is null
    and exists (select from published_diploma p where p.id = w.diploma_id)
  returning w.id as share_id, w.diploma_id, w.scope
)
select o.scope, o.share_id, case o.scope when 'FULL' then true end as birth_shown, null::timestamptz as replaced_on, now() as verified_at,
  case when p.status = 'REVOKED' then p.recorded_at end as invalid_since, p.* from opened o join published_diploma p on p.id = o.diploma_id;

-- name: labels
-- What an account calls some links.
select id, label from share where account_id = :account and id = any((:shares)::uuid[]);
