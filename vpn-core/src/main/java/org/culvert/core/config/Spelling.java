package org.culvert.core.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the known word somebody meant. */
final class Spelling {
    private Spelling() {}

    /** The nearest known word, if it is near enough not to be a guess: at most a third of its letters differ. */
    static Optional<String> nearest(String word, Collection<String> known) {
        String plain = plain(word);
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String candidate : known) {
            int distance = distance(plain, plain(candidate));
            if (distance < bestDistance) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best != null && bestDistance <= Math.max(1, best.length() / 3) ? Optional.of(best) : Optional.empty();
    }

    private static String plain(String word) {
        String start = word.length() > 64 ? word.substring(0, 64) : word; // nobody meant a known word by more
        return start.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }

    /** Letters to insert, delete, replace, or swap with a neighbour (optimal string alignment). */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + change);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
