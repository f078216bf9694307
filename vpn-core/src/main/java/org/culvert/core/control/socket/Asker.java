package org.culvert.core.control.socket;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioChannelOption;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who is at the other end of a connection, as the kernel says (SO_PEERCRED, unix(7)): the user it was made as. */
final class Asker {
    private static final Logger LOG = LoggerFactory.getLogger(Asker.class);

    private Asker() {}

    /** False also when the kernel does not say. */
    static boolean isRoot(Channel channel) {
        try {
            @Nullable
            UnixDomainPrincipal asker =
                    channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
            return asker != null && asker.user().equals(root());
        } catch (IOException | RuntimeException e) {
            LOG.warn("control socket: the kernel does not say who asks: {}", e.toString());
            return false;
        }
    }

    /** By number: the name may be another one. */
    private static UserPrincipal root() throws IOException {
        return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("0");
    }
}
