-- Titles that a family of another distribution brings: their level where the nomenclature has none, and whose they are.

alter table diploma_title
  add column national_level smallint check (national_level between 1 and 8),  -- null: that of the first three characters of the code
  add column family text;                                                     -- null: ours; one that is gone leaves its titles
