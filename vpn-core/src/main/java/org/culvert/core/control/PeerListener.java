package org.culvert.core.control;

/** Is told, on the control thread, when a peer comes and goes; must not block. */
public interface PeerListener {
    PeerListener NOBODY = new PeerListener() {
        @Override
        public void peerUp(Member peer) {}

        @Override
        public void peerDown(Member peer, String reason) {}
    };

    /** A packet of it was opened, for the first time or after it was down. */
    void peerUp(Member peer);

    /**
     * It is silent, or something stands against it.
     *
     * @param reason in words
     */
    void peerDown(Member peer, String reason);
}
