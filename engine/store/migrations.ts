import project from "./migrations/001-project.sql";
import delivery from "./migrations/002-delivery.sql";
import pulls from "./migrations/003-pulls.sql";
import destination from "./migrations/004-destination.sql";
import leaks from "./migrations/005-leaks.sql";
import workspaces from "./migrations/006-workspaces.sql";
import sync from "./migrations/007-sync.sql";
import lastingRejections from "./migrations/008-lasting-rejections.sql";

/** In order; the schema version of a project is the number of those that ran. Never change one that was released. */
export const migrations: readonly string[] = [
  project,
  delivery,
  pulls,
  destination,
  leaks,
  workspaces,
  sync,
  lastingRejections,
];
