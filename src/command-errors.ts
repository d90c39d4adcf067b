/** The codes that only commands use, in the JSON document of a failure. Part of the catalogue in errors.ts. */
export const commandErrors = {
  invalid_usage: {
    title: 'Wrong usage or configuration of a command',
    remedy: 'See message and problems[]: they name each option or variable and the expected value.',
  },
  several_participants: {
    title: 'Several participants match',
    remedy: 'Choose one of candidates[] with --participant, or set the attributes on all of them with --all.',
  },
  service_unreachable: {
    title: 'The running service cannot be reached',
    remedy:
      'Check that the service runs, and that --url names its address. Without --url, the command uses http:// with HOST and PORT.',
  },
  admin_unavailable: {
    title: 'The service has no admin routes',
    remedy: 'Set ADMIN_TOKEN for the service and restart it, or correct --url.',
  },
  unexpected_answer: {
    title: 'The answer is not one of the admin routes',
    remedy:
      'Check that --url names the service itself, not a proxy or another program, and that service and command have the same version.',
  },
  not_confirmed: {
    title: 'The operator did not confirm',
    remedy: 'Nothing is changed: answer y, or give --yes.',
  },
  copy_differs: {
    title: 'The copy of the inbox differs from the original',
    remedy:
      'Stop every process that uses FROM or TO, and run the command again: it begins a new copy. FROM is unchanged, and no service can open TO.',
  },
} as const
