package org.culvert.core.why;

/**
 * One check of a packet's way.
 *
 * @param name of the check, the same in all versions
 * @param passes false: the packet ends here
 * @param text what was found, and what to do when it does not pass
 */
public record Step(String name, boolean passes, String text) {
    static Step ok(String name, String text) {
        return new Step(name, true, text);
    }

    static Step no(String name, String text) {
        return new Step(name, false, text);
    }
}
