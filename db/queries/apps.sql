-- name: add
-- Adds an app, or gives an existing one this name, these redirect URIs and these people.
insert into app (id, name, redirect_uris, for_holders, for_agents) values (:id, :name, :redirect_uris, :for_holders, :for_agents)
on conflict (id) do update set name = excluded.name, redirect_uris = excluded.redirect_uris, for_holders = excluded.for_holders,
  for_agents = excluded.for_agents, retired_at = null;

-- name: by_id
-- The app of that id, unless it is retired.
select id, name, redirect_uris, for_holders, for_agents from app where id = :id and retired_at is null;

-- name: all
-- Every app by id, with how many are signed in.
select p.id, p.name, p.redirect_uris, p.for_holders, p.for_agents, p.retired_at,
  (select count(*) from web_session w where w.app_id = p.id and w.ended_at is null and w.ends_at > now()
    and w.seen_at > now() - (:idle)::interval) as signed_in
from app p order by p.id;

-- name: retire
-- Retires an app and signs it out everywhere; how many were signed in, or no row when it is unknown or retired already.
with retired as (
  update app set retired_at = now() where id = :id and retired_at is null returning id
), over as (
  update web_session w set ended_at = now() from retired r where w.app_id = r.id and w.ended_at is null returning w.id
)
select (select count(*) from over) from retired;
