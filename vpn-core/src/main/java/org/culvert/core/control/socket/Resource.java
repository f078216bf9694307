package org.culvert.core.control.socket;

/**
 * What a handler answers.
 *
 * @param method "GET" or "POST"
 * @param path as "/v1/status"
 * @param rootOnly whether only root may ask, whoever else may open the socket
 */
public record Resource(String method, String path, boolean rootOnly) {
    /** For whoever may open the socket. */
    public static Resource get(String path) {
        return new Resource("GET", path, false);
    }

    public static Resource getAsRoot(String path) {
        return new Resource("GET", path, true);
    }

    /** What changes something is root's. */
    public static Resource postAsRoot(String path) {
        return new Resource("POST", path, true);
    }
}
