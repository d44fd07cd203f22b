/** `rheobase merge`: the reports of several jobs or machines as one. */
import { exitCodeOf, mergeReports, readReport } from '@rheobase/harness';
import type { CommandModule } from 'yargs';
import { EXIT } from '../exit-codes.js';
import type { CommandOutcome } from '../main.js';
import { REPORT_OPTIONS, type ReportArguments, requireReportsWritable, writeReports } from '../options/reports.js';

interface MergeArguments extends ReportArguments {
  reports: string[];
}

export function mergeCommand(outcome: CommandOutcome): CommandModule<object, MergeArguments> {
  return {
    command: 'merge <reports..>',
    describe: 'Join verification reports of several jobs or machines into one',
    builder: (yargs) =>
      yargs
        .positional('reports', { type: 'string', array: true, demandOption: true, describe: 'JSON files of verify' })
        .options(REPORT_OPTIONS)
        .example('$0 merge part1.json part2.json --json all.json --html all.html', 'The shards of a CI matrix')
        .example('$0 merge linux.json mac.json --markdown summary.md', 'Two machines, side by side')
        .epilogue('Exit code: that of the whole: 0 agree, 1 diverge, 2 bad input, 3 incomplete.'),
    handler: async (args) => {
      requireReportsWritable(args);
      const parts = [];
      for (const name of args.reports) parts.push({ name, report: await readReport(name) });
      const report = mergeReports(parts);
      await writeReports(report, args);
      outcome.exitCode = [EXIT.ok, EXIT.diverged, EXIT.badInput, EXIT.backendMissing][exitCodeOf(report)];
    },
  };
}
