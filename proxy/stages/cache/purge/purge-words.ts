// What somebody asks to be purged, as it is written: by the command, an application, or the dashboard.

/** At least one of the lists, or `all` alone. */
export interface PurgeWords {
  urls?: readonly string[]
  prefixes?: readonly string[]
  hosts?: readonly string[]
  tags?: readonly string[]
  all?: boolean
  /** Make stale instead of removing. */
  soft?: boolean
  /** Count, and change nothing. */
  dryRun?: boolean
}
