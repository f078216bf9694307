package org.culvert.core.demo;

/**
 * One office: a gateway, and behind it a host on the LAN. Inside, IPv4 is {@code 10.NUMBER.0.0/24} and IPv6 {@code
 * fd00:NUMBER::/64}; outside, the gateway has one address of each family and the router of the WAN is its default route.
 *
 * @param number distinguishes the networks of the sites
 * @param outside first three numbers of the IPv4 network between gateway and router
 */
public record Site(String name, int number, String outside, Namespace host, Namespace gateway) {
    public String network4() {
        return "10." + number + ".0.0/24";
    }

    public String network6() {
        return "fd00:" + number + "::/64";
    }

    /** The host on the LAN. */
    public String host4() {
        return "10." + number + ".0.1" + number;
    }

    public String host6() {
        return "fd00:" + number + "::1" + number;
    }

    /** The gateway as the LAN sees it. */
    public String lan4() {
        return "10." + number + ".0.1";
    }

    public String lan6() {
        return "fd00:" + number + "::1";
    }

    /** The gateway as the internet sees it. */
    public String wan4() {
        return outside + ".2";
    }

    public String wan6() {
        return "2001:db8:" + number + "::2";
    }

    String router4() {
        return outside + ".1";
    }

    String router6() {
        return "2001:db8:" + number + "::1";
    }
}
