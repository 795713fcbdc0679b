-- name: begin
-- A new session of an account or an agent.
insert into web_session (digest, account_id, agent_id, provider, subject, provider_session, id_token, device, ends_at)
values (:digest, :account, :agent, :provider, :subject, :provider_session, :id_token, :device, :ends_at) returning id;

-- name: signed_in
-- Whose session a cookie's secret opens, with who he is; no row once it is idle for too long, past its end, or ended.
-- Its last sight is written once a minute at the most.
with found as (
  select w.id, w.seen_at from web_session w
  where w.digest = :digest and w.ended_at is null and w.ends_at > now() and w.seen_at > now() - (:idle)::interval
), seen as (
  update web_session w set seen_at = now() from found f where w.id = f.id and f.seen_at < now() - interval '1 minute'
)
select o.* from found f join session_owner o on o.session_id = f.id;

-- name: end
-- Ends the session that a cookie's secret opens; what its provider needs to end its own.
update web_session set ended_at = now() where digest = :digest and ended_at is null
returning provider, id_token;

-- name: end_one
-- Ends one of an account's sessions.
update web_session set ended_at = now() where id = :session and account_id = :account and ended_at is null returning id;

-- name: end_all
-- Ends an account's sessions, but the one that is kept; no other is kept when that is null.
update web_session set ended_at = now() where account_id = :account and ended_at is null and id is distinct from :kept returning id;

-- name: end_of_provider
-- Ends what a provider says is over: one of its sessions (`sid`), or all of a subject's when it names none.
update web_session set ended_at = now()
where provider = :provider and ended_at is null and (provider_session = :provider_session or subject = :subject)
  and ((:provider_session)::text is null or provider_session is null or provider_session = :provider_session)
returning id;

-- name: of_account
-- An account's sessions that are open, of browsers and apps, the latest first, fifty at most.
select w.id, w.provider, w.device, p.name as app, w.created_at, w.seen_at, w.ends_at from web_session w left join app p on p.id = w.app_id
where w.account_id = :account and w.ended_at is null and w.ends_at > now()
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
