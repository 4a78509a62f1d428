// What the server writes to standard error is its log: each line has a level of its own.

import type { LogOutputChannel } from "vscode";

const LINE = /^\S+ \S+ (DEBUG|INFO|WARNING|ERROR|CRITICAL) (.*)$/s;

/** Return a channel that shows a line of the server's log at its level; the client writes all of them as errors. */
export function leveled(channel: LogOutputChannel): LogOutputChannel {
  let write = (text: string): void => channel.error(text);
  const error = (line: string | Error): void => {
    const [, level, text] = LINE.exec(String(line)) ?? [];
    if (level === "DEBUG" || level === "INFO") {
      // The setting tpkg-lint.logLevel has let it through; the level of the channel must not take it away.
      write = (said) => channel.info(said);
    } else if (level === "WARNING") {
      write = (said) => channel.warn(said);
    } else if (level !== undefined) {
      write = (said) => channel.error(said);
    }
    // Lines without a level go on with the one before, as those of a traceback do.
    write(text ?? String(line));
  };
  return Object.create(channel, { error: { value: error } }) as LogOutputChannel;
}
