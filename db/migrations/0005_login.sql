-- Signing in through identity providers.

-- Logout tokens that were taken: none counts twice (OpenID Connect Back-Channel Logout 1.0, §2.6). Forgotten once they are too old.
create table logout_token (
  provider text not null,
  jti text not null,
  taken_at timestamptz not null default now(),
  primary key (provider, jti)
);
create index logout_token_taken on logout_token (taken_at);

-- Somebody signed in at a provider of agents and is no agent yet. An administrator who is told the reference links the two.
create table agent_link (
  provider text not null,
  subject text not null,
  reference text not null unique,
  declared jsonb not null,                    -- what the provider says of him, for the administrator to compare
  expires_at timestamptz not null,
  primary key (provider, subject)
);
