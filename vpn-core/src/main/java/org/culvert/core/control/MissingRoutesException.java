package org.culvert.core.control;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.culvert.tun.Route;

/** Routes are not there, and this process has no right to add them: {@code culvert up} has to, as root. */
public final class MissingRoutesException extends IOException {
    private static final long serialVersionUID = 1;

    MissingRoutesException(String tunName, List<Route> missing) {
        super(
                missing.stream().map(Route::toString).collect(Collectors.joining(", ")) + ": missing at " + tunName
                        + ", and without CAP_NET_ADMIN routes cannot be added; run `culvert up` as root with this configuration");
    }
}
