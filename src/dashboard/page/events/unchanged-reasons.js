/** Why an event is unchanged, in short. */
export const unchangedReasons = {
  no_rule_matched: 'no rule matched',
  rule_undecided: 'rule undecided',
  known_values: 'values already set',
  later_event: 'a later event decided',
  dry_run: 'dry run',
}
