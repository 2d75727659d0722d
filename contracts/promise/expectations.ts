/** `npm run contract -- FILE`: a partner's recorded expectations against this build. */
import { command } from "./expectations/command.ts";

process.exitCode = await command(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
});
