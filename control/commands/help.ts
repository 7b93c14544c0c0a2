// oriel help

export const help = `
Oriel is a reverse proxy that you can see through.

  oriel run [oriel.yaml]             run with a configuration file
  oriel 3000                         run in front of localhost:3000
  oriel app.example.com 3000 3001    run for a name, in front of two backends
  oriel demo [--no-traffic]          run a small shop behind Oriel, with visitors

  oriel check [oriel.yaml]           say what is wrong with a configuration
  oriel explain GET URL              say what would happen to a request, and why
        [-H 'name: value'] [--from ADDRESS] [--config FILE]
  oriel reload [--config FILE]       take the changed file over now
  oriel purge URL | --prefix P | --host H | --tag T | --all   take answers out of the cache
        [--soft] [--dry-run] [--config FILE]
  oriel purge --secret [--rotate]    print the secret with which an application signs its purges
  oriel link [--config FILE]         print a new login link for the dashboard
  oriel version

\`oriel COMMAND --help\` says more about each.
Every option of the configuration, with its default: config/oriel.example.yaml
`

export async function run(): Promise<number> {
  process.stdout.write(help)
  return 0
}
