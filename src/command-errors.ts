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
} as const
