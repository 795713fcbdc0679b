-- name: add_code
-- Keeps a code that the session of a browser gives an app. No row when that session is over.
insert into app_code (digest, app_id, redirect_uri, challenge, made_by, expires_at)
select :code, :app, :redirect_uri, :challenge, w.id, now() + (:lasts)::interval
from web_session w where w.digest = :browser and w.ended_at is null and w.ends_at > now()
returning made_by;

-- name: redeem
-- Uses a code, begins the app's session for the owner of the browser's, and keeps its first tokens; one row when all of it is done.
with code as (
  update app_code c set used_at = now() from web_session b
  where c.digest = :code and c.used_at is null and c.expires_at > now()
    and c.app_id = :app and c.redirect_uri = :redirect_uri and c.challenge = :challenge
    and b.id = c.made_by and b.ended_at is null and b.ends_at > now()
  returning c.session_id, c.app_id, b.account_id, b.agent_id, b.provider, b.subject
), begun as (
  insert into web_session (id, app_id, account_id, agent_id, provider, subject, device, ends_at)
  select session_id, app_id, account_id, agent_id, provider, subject, :device, now() + (:longest)::interval from code
  returning id, app_id, account_id, agent_id, provider
), noted as (
  insert into journal (account_id, agent_id, act, facts)
  select account_id, agent_id, 'SIGN_IN', jsonb_build_object('provider', provider, 'app', app_id) from begun
)
insert into app_token (session_id, access_digest, refresh_digest, access_expires_at, refresh_expires_at)
select id, :access, :refresh, now() + (:access_lasts)::interval, now() + (:idle)::interval from begun
returning access_expires_at;

-- name: rotate
-- Uses a refresh token and keeps the tokens that take its place. No row when it is not one of the app's that may still be used.
with used as (
  update app_token t set used_at = now() from web_session w
  where t.refresh_digest = :presented and t.used_at is null and t.refresh_expires_at > now()
    and w.id = t.session_id and w.app_id = :app and w.ended_at is null and w.ends_at > now()
  returning t.session_id, w.ends_at
), seen as (
  update web_session w set seen_at = now() from used u where w.id = u.session_id
)
insert into app_token (session_id, access_digest, refresh_digest, access_expires_at, refresh_expires_at)
select session_id, :access, :refresh, least(now() + (:access_lasts)::interval, ends_at), least(now() + (:idle)::interval, ends_at)
from used returning access_expires_at;

-- name: repeat
-- The tokens that took a refresh token's place a moment ago, when they are still the latest of an open session of the app.
select t.access_expires_at from app_token old
join app_token t on t.session_id = old.session_id and t.refresh_digest = :refresh and t.used_at is null
join web_session w on w.id = old.session_id and w.app_id = :app and w.ended_at is null and w.ends_at > now()
where old.refresh_digest = :presented and old.used_at > now() - (:grace)::interval;

-- name: end_of_reused
-- Ends the session of a code or a refresh token that was used before; the app's id.
with over as (
  update web_session w set ended_at = now()
  where w.ended_at is null and w.id in (
    select session_id from app_code where digest = :presented and used_at is not null
    union all select session_id from app_token where refresh_digest = :presented and used_at is not null)
  returning w.app_id, w.account_id, w.agent_id
), noted as (
  insert into journal (account_id, agent_id, act, facts)
  select account_id, agent_id, 'APP_SIGNED_OUT', jsonb_build_object('app', app_id, 'why', 'REUSED') from over
)
select app_id from over;

-- name: signed_in
-- Whose sessions access tokens open, with who they are; no row for one that is past its end, or whose session is.
select t.access_digest as presented, o.*, o.seen_at < now() - interval '1 minute' as unseen
from app_token t join session_owner o on o.session_id = t.session_id
where t.access_digest = any((select (:digests)::bytea[])::bytea[]) and t.access_expires_at > now() and o.ended_at is null and o.ends_at > now();

-- name: owner
-- The session and the app of a token of either kind, whether or not it is still good.
select t.session_id, w.app_id from app_token t join web_session w on w.id = t.session_id
where t.refresh_digest = :token or t.access_digest = :token;

-- name: end
-- Ends the session of an app that revokes its token.
with over as (
  update web_session set ended_at = now() where id = :session and ended_at is null returning app_id, account_id, agent_id
), noted as (
  insert into journal (account_id, agent_id, act, facts)
  select account_id, agent_id, 'APP_SIGNED_OUT', jsonb_build_object('app', app_id, 'why', 'REVOKED') from over
)
select app_id from over;

-- name: forget
-- Forgets tokens that are past their end, used or not.
delete from app_token where refresh_expires_at < now();

-- name: forget_codes
-- Forgets codes of the day before: one that is seen again later opens nothing, and no longer ends the session.
delete from app_code where expires_at < now() - interval '1 day';
