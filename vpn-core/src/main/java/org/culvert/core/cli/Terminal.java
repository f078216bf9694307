package org.culvert.core.cli;

import java.io.Console;
import java.nio.file.Path;
import java.util.Arrays;
import org.culvert.keymgmt.issue.Passphrase;
import org.culvert.keymgmt.trust.CredentialException;
import org.jspecify.annotations.Nullable;

/** The person at the keyboard, if there is one. Never asks into a pipe: a script must not hang. */
final class Terminal {
    private Terminal() {}

    @SuppressWarnings("SystemConsoleNull") // since JDK 25 it does again, when streams are redirected
    private static @Nullable Console console() {
        Console console = System.console();
        return console != null && console.isTerminal() ? console : null;
    }

    /** Whether what we print goes to a terminal. */
    static boolean isStdout() {
        return console() != null;
    }

    /** Asks a question that only "y" or "yes" answers with yes. Throws when nobody is there; {@code otherwise} says what to do then. */
    static boolean confirm(String question, String otherwise) {
        Console console = console();
        if (console == null) {
            throw new IllegalArgumentException("there is no terminal to ask at; " + otherwise);
        }
        String answer = console.readLine("%s [y/N] ", question);
        return answer != null
                && (answer.strip().equalsIgnoreCase("y") || answer.strip().equalsIgnoreCase("yes"));
    }

    /** Asks for the passphrase of a key. */
    static Passphrase askPassphrase(Path keyFile) throws CredentialException {
        Console console = console();
        char[] typed = console == null ? null : console.readPassword("Passphrase of %s: ", keyFile);
        if (typed == null) {
            throw new CredentialException(
                    keyFile,
                    "is encrypted and there is no terminal to ask for the passphrase",
                    "say --passphrase-file FILE");
        }
        return Passphrase.of(typed);
    }

    /** Asks twice for a new passphrase. */
    static Passphrase newPassphrase(Path keyFile) {
        Console console = console();
        if (console == null) {
            throw new IllegalArgumentException(
                    "there is no terminal to ask for a passphrase; say --passphrase-file FILE, or --no-passphrase");
        }
        char[] typed = console.readPassword("New passphrase for %s: ", keyFile);
        char[] again = console.readPassword("Once more: ");
        boolean same = typed != null && again != null && typed.length > 0 && Arrays.equals(typed, again);
        if (again != null) {
            Arrays.fill(again, '\0');
        }
        if (typed == null || !same) {
            throw new IllegalArgumentException("the two passphrases are not the same, or empty; nothing was written");
        }
        return Passphrase.of(typed);
    }
}
