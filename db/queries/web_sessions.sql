-- name: begin
-- A new session of an account or an agent, with its place in the journal.
with begun as (
  insert into web_session (digest, account_id, agent_id, provider, subject, provider_session, id_token, device, ends_at)
  values (:digest, :account, :agent, :provider, :subject, :provider_session, :id_token, :device, :ends_at)
  returning id, account_id, agent_id, provider
), noted as (
  insert into journal (account_id, agent_id, act, facts)
  select account_id, agent_id, 'SIGN_IN', jsonb_build_object('provider', provider) from begun
)
select id from begun;

-- name: signed_in
-- Whose sessions the secrets of cookies open, with who they are; no row for one that is idle for too long, past its end, or ended.
-- The array hides in a subselect: where its length is seen, PostgreSQL finds that planning each call anew pays, which it does not.
select o.*, o.seen_at < now() - interval '1 minute' as unseen from session_owner o
where o.digest = any((select (:digests)::bytea[])::bytea[]) and o.ended_at is null and o.ends_at > now() and o.seen_at > now() - (:idle)::interval;

-- name: seen
-- Writes that sessions were seen, once a minute at the most: a process that does so meanwhile is not waited for.
update web_session w set seen_at = now() from (
  select id from web_session where id = any((:sessions)::uuid[]) and seen_at < now() - interval '1 minute'
  for no key update skip locked
) s where w.id = s.id;

-- name: end
-- Ends the session that a cookie's secret opens; what its provider needs to end its own, which is then forgotten.
with over as (
  update web_session set ended_at = now(), id_token = null where digest = :digest and ended_at is null
  returning account_id, agent_id, provider, old.id_token
), noted as (
  insert into journal (account_id, agent_id, act, facts)
  select account_id, agent_id, 'SIGN_OUT', jsonb_build_object('provider', provider) from over
)
select provider, id_token from over;

-- name: end_one
-- Ends one of an account's sessions.
update web_session set ended_at = now(), id_token = null where id = :session and account_id = :account and ended_at is null returning id;

-- name: end_all
-- Ends an account's sessions, but the one that is kept; no other is kept when that is null.
update web_session set ended_at = now(), id_token = null where account_id = :account and ended_at is null and id is distinct from :kept returning id;

-- name: end_of_provider
-- Ends what a provider says is over: one of its sessions (`sid`), or all of a subject's when it names none.
with over as (
  update web_session set ended_at = now(), id_token = null
  where provider = :provider and ended_at is null
    and ((:provider_session)::text is null or provider_session = :provider_session)
    and ((:subject)::text is null or subject = :subject)
    and num_nonnulls((:provider_session)::text, (:subject)::text) > 0
  returning id, account_id, agent_id, provider
), noted as (
  insert into journal (account_id, agent_id, act, facts)
  select account_id, agent_id, 'SIGNED_OUT_BY_PROVIDER', jsonb_build_object('provider', provider) from over
)
select id from over;

-- name: of_account
-- An account's sessions that are open, of browsers and apps, the latest first, fifty at most.
select w.id, w.provider, w.device, p.name as app, w.created_at, w.seen_at, w.ends_at,
  w.id is not distinct from (:session)::uuid as current
from web_session w left join app p on p.id = w.app_id
where w.account_id = (:account)::uuid and w.ended_at is null and w.ends_at > now()
  and w.seen_at > now() - case when w.app_id is null then (:idle)::interval else (:app_idle)::interval end
order by w.id desc limit 50;

-- name: forget
-- Forgets sessions that ended long ago.
delete from web_session where ends_at < now() - interval '30 days';

-- name: still_open
-- Whether a session is still open.
select true from web_session w
where w.id = :session and w.ended_at is null and w.ends_at > now()
  and w.seen_at > now() - case when w.app_id is null then (:idle)::interval else (:app_idle)::interval end;
