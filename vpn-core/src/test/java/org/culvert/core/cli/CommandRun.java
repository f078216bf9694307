package org.culvert.core.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** One command as a shell would run it, without a process. */
record CommandRun(int code, String out, String err) {
    static CommandRun culvert(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = new String[arguments.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = arguments[i].toString();
        }
        CommandLine line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int code = line.execute(words);
        line.getOut().flush();
        line.getErr().flush();
        return new CommandRun(code, out.toString(), err.toString());
    }
}
