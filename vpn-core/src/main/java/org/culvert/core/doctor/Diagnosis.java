package org.culvert.core.doctor;

/**
 * What a check found.
 *
 * @param check its name, the same in all versions
 * @param fix a command, or what to do; empty when nothing is to be done
 */
public record Diagnosis(String check, Severity severity, String text, String fix) {
    /** How bad it is. */
    public enum Severity {
        /** As it should be. */
        OK,
        /** Works, and could be better. */
        NOTE,
        /** Works now, or for most packets. */
        WARNING,
        /** Packets do not pass. */
        ERROR
    }

    static Diagnosis ok(String check, String text) {
        return new Diagnosis(check, Severity.OK, text, "");
    }

    static Diagnosis note(String check, String text, String fix) {
        return new Diagnosis(check, Severity.NOTE, text, fix);
    }

    static Diagnosis warning(String check, String text, String fix) {
        return new Diagnosis(check, Severity.WARNING, text, fix);
    }

    static Diagnosis error(String check, String text, String fix) {
        return new Diagnosis(check, Severity.ERROR, text, fix);
    }

    /** Somebody has to act. */
    public boolean isBad() {
        return severity == Severity.WARNING || severity == Severity.ERROR;
    }
}
