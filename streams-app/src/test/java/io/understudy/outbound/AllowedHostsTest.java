package io.understudy.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedHostsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "127.0.0.1|this machine",
                "127.1.2.3|this machine",
                "[::1]|this machine",
                "[::ffff:127.0.0.1]|this machine",
                "[::127.0.0.1]|this machine",
                "[64:ff9b::7f00:1]|this machine",
                "0.0.0.0|this machine",
                "[::]|this machine",
                "169.254.169.254|a link-local address",
                "[fe80::1]|a link-local address",
                "[64:ff9b::a9fe:a9fe]|a link-local address",
                "224.0.0.1|a multicast address",
                "0.1.2.3|a reserved address",
                "100.100.100.200|a reserved address",
                "[fd00:ec2::254]|a reserved address"
            })
    void refusesSpecialAddressesThatTheListDoesNotName(String host, String kind) {
        assertThatThrownBy(() -> new AllowedHosts(List.of("*")).resolve(host))
                .isInstanceOf(HostRefusedException.class)
                .hasMessage("the host '" + host + "' is " + kind
                        + ", which is only called if the list outbound.hosts names its address or network");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*|10.1.2.3",
                "localhost|127.0.0.1",
                "localhost|[::1]",
                "127.0.0.1|127.0.0.1",
                "169.254.0.0/16|169.254.169.254",
                "10.0.0.0/8|10.255.0.1",
                "2001:db8::/32|[2001:db8::5]"
            })
    void allowsWhatTheListNames(String list, String host) throws Exception {
        assertThat(hosts(list).resolve(host)).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.0.0.0/8|11.0.0.1",
                "10.0.0.1|10.0.0.2",
                "10.0.0.0/8|[2001:db8::5]",
                "127.0.0.1|127.0.0.2",
                "models.example|10.0.0.1"
            })
    void refusesWhatTheListDoesNotName(String list, String host) {
        assertThatThrownBy(() -> hosts(list).resolve(host)).isInstanceOf(HostRefusedException.class);
    }

    @Test
    void aNameIsAllowedWithTheAddressesThatItHasNow() throws Exception {
        AllowedHosts hosts = hosts("models.example,*.ml.example");
        InetAddress ordinary = InetAddress.getByName("203.0.113.5");
        hosts.check("models.example", List.of(ordinary));
        hosts.check("MODELS.example.", List.of(ordinary));
        hosts.check("a.b.ml.example", List.of(ordinary));
        assertThatThrownBy(() -> hosts.check("ml.example", List.of(ordinary)))
                .isInstanceOf(HostRefusedException.class)
                .hasMessage("the host 'ml.example' is not in the list outbound.hosts");
        assertThatThrownBy(() -> hosts.check("evilml.example", List.of(ordinary)))
                .isInstanceOf(HostRefusedException.class);
        // A name server that gives another address later does not lead to this machine.
        assertThatThrownBy(() -> hosts.check("models.example", List.of(ordinary, InetAddress.getByName("127.0.0.1"))))
                .isInstanceOf(HostRefusedException.class)
                .hasMessageContaining("is this machine");
    }

    @Test
    void saysWithoutANameServerWhatIsSurelyRefused() {
        assertThat(hosts("*").refusal("localhost")).isPresent();
        assertThat(hosts("*").refusal("169.254.169.254")).isPresent();
        assertThat(hosts("*").refusal("hooks.example")).isEmpty();
        assertThat(hosts("localhost").refusal("localhost")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://models.example", "10.0.0.0/33", "10.0.0.0/x", "a b", "*.*", "-a", "::1::/3"})
    void namesAnEntryThatIsNotAHost(String entry) {
        assertThatThrownBy(() -> new AllowedHosts(List.of(entry)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'" + entry + "' is not a host name");
    }

    private static AllowedHosts hosts(String list) {
        return new AllowedHosts(Arrays.asList(list.split(",")));
    }
}
