/**
 * Requests a second to the practice workspace's App API. The vendor allows 10 (reference/customerio.md); at
 * that pace a practice migration would take longer than anybody's patience.
 */
export const practiceRequestsPerSecond = 200;
