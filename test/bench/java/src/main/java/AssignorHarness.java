import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.MemberAssignment;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;
import org.apache.kafka.coordinator.group.assignor.UniformAssignor;
import org.apache.kafka.coordinator.group.modern.Assignment;
import org.apache.kafka.coordinator.group.modern.GroupSpecImpl;
import org.apache.kafka.coordinator.group.modern.MemberSubscriptionAndAssignmentImpl;
import org.apache.kafka.coordinator.group.modern.TopicIds;
import org.apache.kafka.image.TopicsImage;

/**
 * Kafka's own assignors, on questions in the format of the golden vectors: one JSON object a line on standard input,
 * one reply a line on standard output.
 *
 * <ul>
 *   <li>A question is replied to with its id and {@code assignment}, or the {@code error} that was thrown
 *       ({@code NonTermination} if it took longer than SECONDS, the only argument).
 *   <li>{@code {"calls": N, "seconds": S}} puts the last question up to N times again, for as long as S seconds, and is
 *       replied to with what each assign call {@code took}, in milliseconds of its thread's CPU time. Inputs are
 *       ready-made objects, a new assignor for each call.
 * </ul>
 */
public final class AssignorHarness {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);

    /** One question, ready to be put again and again. */
    private interface Question {
        /** What must be done before each call and is not part of it. */
        void prepare();

        Object assign();

        /** Member to topic to partitions. */
        Map<String, Map<String, List<Integer>>> read(Object result);
    }

    public static void main(String[] args) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Question question = null;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonNode json = JSON.readTree(line);
            ObjectNode reply = JSON.createObjectNode();
            if (json.has("calls")) {
                time(question, json.get("calls").asInt(), json.get("seconds").asDouble(), reply.putArray("took"));
            } else {
                question = isServerSide(json) ? new ServerQuestion(json) : new ClientQuestion(json);
                reply.set("id", json.get("id"));
                answer(question, Double.parseDouble(args[0]), json, reply);
            }
            OUT.println(JSON.writeValueAsString(reply));
            OUT.flush();
        }
        System.exit(0); // threads that never end may be left
    }

    private static boolean isServerSide(JsonNode json) {
        String name = json.get("assignor").asText();
        return name.equals("uniform") || name.equals("server-range");
    }

    private static void answer(Question question, double seconds, JsonNode json, ObjectNode answer)
        throws InterruptedException {
        FutureTask<Object> task = new FutureTask<>(() -> {
            question.prepare();
            return question.assign();
        });
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        try {
            Map<String, Map<String, List<Integer>>> result = question.read(task.get((long) (seconds * 1000), TimeUnit.MILLISECONDS));
            ObjectNode assignment = answer.putObject("assignment");
            for (JsonNode member : json.get("members")) {
                ObjectNode topics = assignment.putObject(member.get("id").asText());
                new TreeMap<>(result.getOrDefault(member.get("id").asText(), Map.of())).forEach((topic, partitions) -> {
                    if (partitions.isEmpty()) return;
                    ArrayNode list = topics.putArray(topic);
                    partitions.stream().sorted().forEach(list::add);
                });
            }
        } catch (ExecutionException thrown) {
            answer.put("error", thrown.getCause().getClass().getSimpleName());
        } catch (TimeoutException late) {
            answer.put("error", "NonTermination");
        }
    }

    private static void time(Question question, int calls, double seconds, ArrayNode took) {
        long begin = System.nanoTime();
        for (int call = 0; call < calls && (call == 0 || System.nanoTime() - begin < seconds * 1e9); call++) {
            question.prepare();
            long start = THREADS.getCurrentThreadCpuTime();
            question.assign();
            took.add((THREADS.getCurrentThreadCpuTime() - start) / 1e6);
        }
    }

    private static List<String> subscription(JsonNode json, JsonNode member) {
        List<String> topics = new ArrayList<>();
        json.get("subscriptions").get(member.get("sub").asInt()).forEach(topic -> topics.add(topic.asText()));
        return topics;
    }

    private static Optional<String> text(JsonNode node, String field) {
        return Optional.ofNullable(node.get(field)).map(JsonNode::asText);
    }

    private static int number(JsonNode node, String field, int otherwise) {
        return node.has(field) ? node.get(field).asInt() : otherwise;
    }

    /** The classic protocol: the group's leader computes. */
    private static final class ClientQuestion implements Question {
        private final String name;
        private final Cluster cluster;
        private final Map<String, ConsumerPartitionAssignor.Subscription> members = new HashMap<>();

        ClientQuestion(JsonNode json) {
            name = json.get("assignor").asText();
            Map<String, Node> nodes = new HashMap<>();
            List<PartitionInfo> partitions = new ArrayList<>();
            json.get("topics").fields().forEachRemaining(entry -> {
                JsonNode topic = entry.getValue();
                if (topic.path("deleted").asBoolean()) return;
                for (int partition = 0; partition < topic.get("partitions").asInt(); partition++) {
                    List<Node> replicas = new ArrayList<>();
                    topic.path("racks").path(partition).forEach(rack -> replicas.add(nodes.computeIfAbsent(
                        rack.asText(), r -> new Node(nodes.size(), "localhost", 9092 + nodes.size(), r))));
                    Node[] all = replicas.toArray(new Node[0]);
                    partitions.add(new PartitionInfo(entry.getKey(), partition, all.length > 0 ? all[0] : null, all, all));
                }
            });
            cluster = new Cluster("cluster", nodes.values(), partitions, Set.of(), Set.of());
            for (JsonNode member : json.get("members")) {
                members.put(member.get("id").asText(), subscriptionOf(json, member));
            }
        }

        private ConsumerPartitionAssignor.Subscription subscriptionOf(JsonNode json, JsonNode member) {
            List<String> topics = subscription(json, member);
            int generation = number(member, "generation", -1);
            ByteBuffer userData = null;
            List<TopicPartition> owned = new ArrayList<>();
            if (name.equals("sticky")) {
                if (member.has("generation")) userData = stickyUserData(member, generation);
                generation = number(member, "subscriptionGeneration", generation);
            } else if (name.equals("cooperative-sticky")) {
                member.path("owned").fields().forEachRemaining(entry -> entry.getValue().forEach(
                    partition -> owned.add(new TopicPartition(entry.getKey(), partition.asInt()))));
                userData = ByteBuffer.allocate(4).putInt(number(member, "userDataGeneration", generation));
                userData.flip();
            }
            ConsumerPartitionAssignor.Subscription subscription = new ConsumerPartitionAssignor.Subscription(
                topics, userData, owned, generation, text(member, "rack"));
            subscription.setGroupInstanceId(text(member, "instanceId"));
            return subscription;
        }

        /** Version 1 of what StickyAssignor writes: topics with their partitions, then the generation. */
        private static ByteBuffer stickyUserData(JsonNode member, int generation) {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
            JsonNode owned = member.path("owned");
            buffer.putInt(owned.size());
            owned.fields().forEachRemaining(entry -> {
                byte[] topic = entry.getKey().getBytes(StandardCharsets.UTF_8);
                buffer.putShort((short) topic.length).put(topic).putInt(entry.getValue().size());
                entry.getValue().forEach(partition -> buffer.putInt(partition.asInt()));
            });
            buffer.putInt(generation).flip();
            return ByteBuffer.allocate(buffer.remaining()).put(buffer).flip();
        }

        @Override
        public void prepare() {
            for (ConsumerPartitionAssignor.Subscription subscription : members.values()) {
                if (subscription.userData() != null) subscription.userData().rewind();
            }
        }

        @Override
        public Object assign() {
            ConsumerPartitionAssignor assignor = switch (name) {
                case "range" -> new RangeAssignor();
                case "roundrobin" -> new RoundRobinAssignor();
                case "sticky" -> new StickyAssignor();
                case "cooperative-sticky" -> new CooperativeStickyAssignor();
                default -> throw new IllegalArgumentException("no assignor " + name);
            };
            return assignor.assign(cluster, new ConsumerPartitionAssignor.GroupSubscription(members)).groupAssignment();
        }

        @Override
        @SuppressWarnings("unchecked")
        public Map<String, Map<String, List<Integer>>> read(Object result) {
            Map<String, Map<String, List<Integer>>> assignment = new HashMap<>();
            ((Map<String, ConsumerPartitionAssignor.Assignment>) result).forEach((member, assigned) -> {
                Map<String, List<Integer>> topics = assignment.computeIfAbsent(member, id -> new HashMap<>());
                assigned.partitions().forEach(
                    tp -> topics.computeIfAbsent(tp.topic(), t -> new ArrayList<>()).add(tp.partition()));
            });
            return assignment;
        }
    }

    /** The new protocol: the coordinator computes. */
    private static final class ServerQuestion implements Question {
        private final String name;
        private final Map<String, Uuid> ids = new HashMap<>();
        private final Map<Uuid, String> names = new HashMap<>();
        private final Map<Uuid, Integer> partitions = new HashMap<>();
        private final GroupSpecImpl group;

        ServerQuestion(JsonNode json) {
            name = json.get("assignor").asText();
            Map<String, Uuid> labels = new HashMap<>();
            json.get("topics").fields().forEachRemaining(entry -> {
                JsonNode topic = entry.getValue();
                Uuid id = Uuid.fromString(topic.get("id").asText());
                labels.put(entry.getKey(), id);
                if (topic.path("deleted").asBoolean() || topic.get("partitions").asInt() == 0) return;
                ids.put(entry.getKey(), id);
                names.put(id, entry.getKey());
                partitions.put(id, topic.get("partitions").asInt());
            });
            TopicIds.TopicResolver resolver = new Resolver();
            Map<String, MemberSubscriptionAndAssignmentImpl> members = new HashMap<>();
            Map<Uuid, Map<Integer, String>> owners = new HashMap<>();
            Set<Set<String>> subscriptions = new HashSet<>();
            for (JsonNode member : json.get("members")) {
                String id = member.get("id").asText();
                Map<Uuid, Set<Integer>> owned = new HashMap<>();
                member.path("owned").fields().forEachRemaining(entry -> {
                    List<Integer> list = new ArrayList<>();
                    entry.getValue().forEach(partition -> list.add(partition.asInt()));
                    Uuid topic = labels.get(entry.getKey());
                    owned.put(topic, new HashSet<>(list));
                    list.forEach(p -> owners.computeIfAbsent(topic, t -> new HashMap<>()).put(p, id));
                });
                Set<String> topics = new HashSet<>(subscription(json, member));
                subscriptions.add(topics);
                members.put(id, new MemberSubscriptionAndAssignmentImpl(
                    text(member, "rack"), text(member, "instanceId"), new TopicIds(topics, resolver), new Assignment(owned)));
            }
            SubscriptionType type =
                subscriptions.size() <= 1 ? SubscriptionType.HOMOGENEOUS : SubscriptionType.HETEROGENEOUS;
            group = new GroupSpecImpl(members, type, owners);
        }

        /** Plain maps; Kafka's own goes through the metadata image and a cache. */
        private final class Resolver implements TopicIds.TopicResolver {
            @Override
            public TopicsImage image() {
                return null;
            }

            @Override
            public String name(Uuid id) {
                return names.get(id);
            }

            @Override
            public Uuid id(String topic) {
                return ids.get(topic);
            }

            @Override
            public void clear() {}
        }

        private final SubscribedTopicDescriber describer = new SubscribedTopicDescriber() {
            @Override
            public int numPartitions(Uuid id) {
                return partitions.getOrDefault(id, -1);
            }

            @Override
            public Set<String> racksForPartition(Uuid id, int partition) {
                return Set.of();
            }
        };

        @Override
        public void prepare() {}

        @Override
        public Object assign() {
            ConsumerGroupPartitionAssignor assignor = name.equals("uniform")
                ? new UniformAssignor()
                : new org.apache.kafka.coordinator.group.assignor.RangeAssignor();
            return assignor.assign(group, describer).members();
        }

        @Override
        @SuppressWarnings("unchecked")
        public Map<String, Map<String, List<Integer>>> read(Object result) {
            Map<String, Map<String, List<Integer>>> assignment = new HashMap<>();
            ((Map<String, MemberAssignment>) result).forEach((member, assigned) -> {
                Map<String, List<Integer>> topics = assignment.computeIfAbsent(member, id -> new HashMap<>());
                assigned.partitions().forEach((id, list) -> topics.put(names.get(id), new ArrayList<>(list)));
            });
            return assignment;
        }
    }
}
