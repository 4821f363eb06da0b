/** SQL statements are files of their own; the bundler and the test runner load them as text. */
declare module "*.sql" {
  const sql: string;
  export default sql;
}
