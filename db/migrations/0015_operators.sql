-- Roles and what each may do are reference data (`db/reference/role.csv`, `role_right.csv`): a role is a row, not a check.

create table role (
  code text primary key,
  label_fr text not null,
  label_en text not null,
  source text not null
);

create table role_right (
  role text not null references role,
  act text not null,
  source text not null,
  primary key (role, act)
);

-- the roles of the agents that there are; the files, loaded after this, say how they are called
insert into role (code, label_fr, label_en, source) select distinct role, role, role, 'role.csv' from agent;
alter table agent drop constraint agent_role_check, add foreign key (role) references role;
